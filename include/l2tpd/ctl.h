/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol: varlink framing (one JSON object and a NUL byte each way) on a Unix stream
 * socket. Names of methods, errors and fields; the IDL with types is data/org.l2tpd.varlink.
 */
#ifndef L2TPD_CTL_H
#define L2TPD_CTL_H

#define CTL_DEFAULT_SOCKET "/run/l2tpd/control"
#define CTL_MAX_MESSAGE	   (16u << 20) /* longer ones end the connection */
#define CTL_MAX_REQUEST	   (1u << 20)  /* same, for what the daemon takes */
#define CTL_INTERFACE	   "org.l2tpd"

/*
 * Methods, with parameters -> reply. "!": changes something: for root and the control group only.
 *   GetVersion   {} -> {version, pid, uptime_s}
 *   GetCounters  {} -> {counters: {name: int, ..., drops: {why: int, ...}}}  since the start
 *   ListLinks    {} -> {links: [...]}
 *   ListTunnels  {} -> {tunnels: [...]}
 *   ListSessions {} -> {sessions: [...]}
 *   ListForwards {} -> {forwards: [...]}
 *   ListPppoe    {} -> {pppoe: [...]}  (calls of PPPoE clients)
 * ! Open         {link, wait: bool} -> {link, session, ifname, local_ip, peer_ip}
 *                (wait: replies when it is up)
 * ! Close        {target} -> {closed: int}  (link, session id or user, looked for in this order;
 * replies when it is down) ! Reload       {} -> {} ! SetLink      {link, lines: [[word, ...], ...],
 * public: bool} -> {message} (all lines of "set ..." or none; public: the words come from a command
 * line, where everybody can see them; errors have "line", counted from 0) ! CreateLink   {link,
 * type} -> {}  (until the next reload) AddTransientLink {name, settings: [[key, value], ...], ppp:
 * [[key, value], ...]} with "more": true -> {event: {event, link, ...}} continues (for root alone;
 * link, call and secrets go with the connection. event: opened, up, waiting, down, stopping; the
 * IDL says what each of them has) ! GetConfig    {} -> {text} ListOptions  {} -> {options: [...]}
 * (what SetLink can set, for help and completion) Monitor      {packets: bool} with "more": true ->
 * {event: {...}} continues (packets: control messages, too; that is a "!")
 *   org.varlink.service.GetInfo, .GetInterfaceDescription as varlink defines them
 *
 * Why a call or tunnel ended, in a link's last_down and flat in an event that tells of an end:
 *   time ("2024-05-17T10:03:11Z"), who ("local" | "peer" | "timeout"),
 *   message ("CDN" | "StopCCN": which list of results), result, error, text,
 *   ppp_cause (RFC 3145 disconnect cause, sent or received; 0: none),
 *   ppp_exit (pppd's exit status; null: none)
 */
#define CTL_GET_VERSION	  CTL_INTERFACE ".GetVersion"
#define CTL_GET_COUNTERS  CTL_INTERFACE ".GetCounters"
#define CTL_LIST_LINKS	  CTL_INTERFACE ".ListLinks"
#define CTL_LIST_TUNNELS  CTL_INTERFACE ".ListTunnels"
#define CTL_LIST_SESSIONS CTL_INTERFACE ".ListSessions"
#define CTL_LIST_FORWARDS CTL_INTERFACE ".ListForwards"
#define CTL_LIST_PPPOE	  CTL_INTERFACE ".ListPppoe"
#define CTL_OPEN	  CTL_INTERFACE ".Open"
#define CTL_CLOSE	  CTL_INTERFACE ".Close"
#define CTL_RELOAD	  CTL_INTERFACE ".Reload"
#define CTL_MONITOR	  CTL_INTERFACE ".Monitor"
#define CTL_SET_LINK	  CTL_INTERFACE ".SetLink"
#define CTL_CREATE_LINK	  CTL_INTERFACE ".CreateLink"
#define CTL_ADD_TRANSIENT CTL_INTERFACE ".AddTransientLink"
#define CTL_SAVE	  CTL_INTERFACE ".Save"
#define CTL_GET_CONFIG	  CTL_INTERFACE ".GetConfig"
#define CTL_LIST_OPTIONS  CTL_INTERFACE ".ListOptions"

/* Errors; parameters always have "message", a sentence for people. */
#define CTL_ERR_FAILED	  CTL_INTERFACE ".Failed"   /* tried, did not work */
#define CTL_ERR_REFUSED	  CTL_INTERFACE ".Refused"  /* not allowed, or not by this configuration */
#define CTL_ERR_NOT_FOUND CTL_INTERFACE ".NotFound" /* no such link or session */
/* Of SetLink: the line wants a secret as one word more (or in place of its last word, "-"). */
#define CTL_ERR_NEED_SECRET CTL_INTERFACE ".NeedSecret"
/* Of SetLink: every line is good, but something is missing, or they do not go together. */
#define CTL_ERR_INCOMPLETE CTL_INTERFACE ".Incomplete"
#define CTL_ERR_METHOD	   "org.varlink.service.MethodNotFound"
#define CTL_ERR_PARAMETER  "org.varlink.service.InvalidParameter"
#define CTL_ERR_MORE	   "org.varlink.service.ExpectedMore" /* Monitor without "more" */

#endif
