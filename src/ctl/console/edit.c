/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By libedit. Lines with secrets are not kept in its history. */
#include "edit.h"

#include <errno.h>
#include <histedit.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "complete.h"
#include "ctl/out/text.h"
#include "words.h"

#define HISTORY_LEN 500

static struct console *edited; /* libedit's prompt function gets no pointer of ours */

static char *prompt(EditLine *el)
{
	static char text[100];

	snprintf(text, sizeof(text), "[%s] ", edited->link ? edited->link : "");
	return text;
}

/* Text up to the cursor, malloc'ed. */
static char *typed(EditLine *el)
{
	const LineInfo *info = el_line(el);

	return text_printf("%.*s", (int)(info->cursor - info->buffer), info->buffer);
}

/*
 * The words before the one at the cursor, and that one (the empty word behind a blank). False: the
 * cursor is inside quotes, where nothing is known.
 */
static bool split_typed(EditLine *el, struct words *words, const char **ret_last, int *ret_before)
{
	char *text = typed(el);
	size_t len = strlen(text);
	bool good = !words_split(text, words) && !words->open_quote;

	*ret_before = words->count;
	*ret_last = "";
	if (good && words->count && len && text[len - 1] != ' ' && text[len - 1] != '\t')
		*ret_last = words->word[--*ret_before];
	line_free(text);
	return good;
}

static void gather_candidates(
	EditLine *el, struct candidates *ret, char *ret_last, size_t size, bool *ret_good)
{
	struct words words;
	const char *last;
	int before;

	*ret_last = '\0';
	*ret_good = split_typed(el, &words, &last, &before);
	if (*ret_good) {
		snprintf(ret_last, size, "%s", last);
		complete_gather(edited, words.word, before, ret);
		complete_filter(ret, last);
	}
	words_clear(&words);
}

/* How much all candidates have in common. */
static size_t common_length(const struct candidates *candidates)
{
	size_t len = candidates->list[0].word ? strlen(candidates->list[0].word) : 0, i;

	for (i = 1; i < candidates->count; i++) {
		const char *word = candidates->list[i].word ? candidates->list[i].word : "";
		size_t n = 0;

		while (n < len && word[n] == candidates->list[0].word[n])
			n++;
		len = n;
	}
	return len;
}

static void list_words(const struct candidates *candidates)
{
	size_t i;

	putchar('\n');
	for (i = 0; i < candidates->count; i++) {
		text_put(stdout, candidates->list[i].word ? candidates->list[i].word
							  : candidates->list[i].help);
		fputs("  ", stdout);
	}
	putchar('\n');
	fflush(stdout);
}

static unsigned char on_tab(EditLine *el, wint_t ch)
{
	struct candidates candidates = { 0 };
	unsigned char r = CC_ERROR;
	char last[256], *word;
	bool good;
	size_t len;

	gather_candidates(el, &candidates, last, sizeof(last), &good);
	len = candidates.count ? common_length(&candidates) : 0;
	if (len && (len > strlen(last) || candidates.count == 1)) {
		word = text_printf("%.*s%s", (int)len, candidates.list[0].word,
			candidates.count == 1 ? " " : "");
		el_deletestr(el, (int)strlen(last));
		r = el_insertstr(el, word) < 0 ? CC_ERROR : CC_REFRESH;
		free(word);
	} else if (candidates.count) {
		list_words(&candidates);
		r = CC_REDISPLAY;
	}
	complete_clear(&candidates);
	return r;
}

static unsigned char on_question(EditLine *el, wint_t ch)
{
	struct candidates candidates = { 0 };
	char last[256];
	bool good;

	gather_candidates(el, &candidates, last, sizeof(last), &good);
	if (!good)
		return el_insertstr(el, "?") < 0 ? CC_ERROR : CC_REFRESH;
	putchar('\n');
	complete_print(&candidates);
	complete_clear(&candidates);
	return CC_REDISPLAY;
}

/* libedit's own handler puts the terminal in order before it stops us. */
static unsigned char on_suspend(EditLine *el, wint_t ch)
{
	raise(SIGTSTP);
	return CC_REFRESH;
}

/* A key that means "secret", or could. Better one line too few in the history. */
static bool has_secret(const char *line)
{
	const char *p = line;

	while (*p) {
		size_t len = strcspn(p, " \t");

		if (len >= 2 && len <= 6 && strncasecmp(p, "secret", len) == 0)
			return true;
		p += len;
		p += strspn(p, " \t");
	}
	return false;
}

static void run_typed(History *hist, const char *line)
{
	char *copy = strdup(line);
	HistEvent event;

	if (!copy)
		return;
	copy[strcspn(copy, "\r\n")] = '\0';
	if (copy[strspn(copy, " \t")] && !has_secret(copy))
		history(hist, &event, H_ENTER, copy);
	console_run_line(edited, copy);
	fflush(stdout);
	line_free(copy);
}

static void set_up(EditLine *el, History *hist)
{
	HistEvent event;

	history(hist, &event, H_SETSIZE, HISTORY_LEN);
	history(hist, &event, H_SETUNIQUE, 1);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_SIGNAL, 1);
	el_set(el, EL_HIST, history, hist);
	/* el_set() would lose the memory of both strings */
	el_wset(el, EL_ADDFN, L"l2tp-complete", L"complete the word", on_tab);
	el_wset(el, EL_ADDFN, L"l2tp-help", L"show what may stand here", on_question);
	el_wset(el, EL_ADDFN, L"l2tp-suspend", L"stop like a job", on_suspend);
	el_set(el, EL_BIND, "^I", "l2tp-complete", NULL);
	el_set(el, EL_BIND, "?", "l2tp-help", NULL);
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(el, NULL); /* the user's ~/.editrc */
	/* Ctrl-C: a character that clears the line, not a signal, while a line is typed */
	el_set(el, EL_SETTY, "-d", "-isig", NULL);
	el_set(el, EL_BIND, "^C", "ed-start-over", NULL);
	el_set(el, EL_BIND, "^Z", "l2tp-suspend", NULL);
}

int edit_run(struct console *console)
{
	EditLine *el = el_init("l2tpctl", stdin, stdout, stderr);
	History *hist = history_init();
	const char *line;
	int len;

	if (!el || !hist) {
		cli_error("the terminal cannot be used for a console (TERM?)");
		if (hist)
			history_end(hist);
		if (el)
			el_end(el);
		return CLI_FAILED;
	}
	edited = console;
	set_up(el, hist);
	while (!console->quit) {
		line = el_gets(el, &len);
		if (!line || len <= 0) {
			putchar('\n');
			break;
		}
		run_typed(hist, line);
		if (has_secret(line)) /* libedit's copy; it is not const */
			explicit_bzero((char *)(uintptr_t)line, strlen(line));
	}
	history_end(hist);
	el_end(el);
	return CLI_DONE;
}
