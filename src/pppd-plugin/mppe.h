/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the link encrypted? Reports it, and ends a link that has to be and is not. */
#ifndef PPPD_PLUGIN_MPPE_H
#define PPPD_PLUGIN_MPPE_H

/* Option "l2tpd-require-mppe". */
int mppe_require_option(char **argv);
/* From now on CCP's ups and downs are seen. */
void mppe_watch(void);
/* Network protocols are about to start: has an option switched off what is demanded? */
void mppe_network_phase(void);
/* The same at the end of pppd's "dryrun": complains, for those who asked (linux/pppd_check.h). */
void mppe_check_options(void);
/* It is demanded and not there: no address is to be granted. */
int mppe_is_missing(void);

#endif
