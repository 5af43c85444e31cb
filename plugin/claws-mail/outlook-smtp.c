/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-smtp.h"

#include <string.h>

#include "outlook-plain.h"
#include "outlook-spool.h"

#define MAX_LINE 12288	     /* RFC 4954 §4: the longest line with AUTH; the other commands are far shorter */
#define MAX_UNANSWERED 65536 /* what a pipelining client may send ahead */
#define MAX_RECIPIENTS 1000  /* more than the service takes */
#define MAX_MISTAKES 20
#define MAX_WRONG_PASSWORDS 3

typedef enum {
	STATE_COMMAND,
	STATE_AUTH, /* after `334` */
	STATE_DATA,
	STATE_WAITING, /* for the answer to a whole mail */
} State;

/* Where in a line of DATA the next byte is; the mail ends with CRLF, a dot, CRLF, and nothing else. */
typedef enum {
	DATA_LINE_START,
	DATA_IN_LINE,
	DATA_CR,
	DATA_DOT,
	DATA_DOT_CR,
} DataPlace;

struct _OutlookSmtp {
	gsize max_size;
	char *password;
	gsize *in_use;
	OutlookSmtpPlace place_of;
	gpointer user_data;

	State state;
	DataPlace place;
	GByteArray *pending;
	gboolean skipping; /* the rest of a line that was too long */
	gboolean greeted;
	guint mistakes;
	guint wrong_passwords;

	char *user;
	char *sender;
	GPtrArray *recipients; /* ends with NULL once the mail is whole */
	OutlookSpool *mail;
	gsize counted;	 /* our share of *in_use */
	GError *failure; /* why the mail that comes in cannot be kept */
};

static void
reset_mail(OutlookSmtp *self)
{
	g_clear_pointer(&self->sender, g_free);
	g_ptr_array_set_size(self->recipients, 0);
	g_clear_pointer(&self->mail, outlook_spool_free);
	*self->in_use -= self->counted;
	self->counted = 0;
	g_clear_error(&self->failure);
}

OutlookSmtp *
outlook_smtp_new(gsize max_size, const char *password, gsize *in_use, OutlookSmtpPlace place, gpointer user_data)
{
	OutlookSmtp *self = g_new0(OutlookSmtp, 1);

	self->max_size = max_size;
	self->password = g_strdup(password);
	self->in_use = in_use;
	self->place_of = place;
	self->user_data = user_data;
	self->pending = g_byte_array_new();
	self->recipients = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void
outlook_smtp_free(OutlookSmtp *self)
{
	reset_mail(self);
	g_byte_array_unref(self->pending);
	g_ptr_array_unref(self->recipients);
	g_free(self->user);
	g_free(self->password);
	g_free(self);
}

gboolean
outlook_smtp_is_authenticated(OutlookSmtp *self)
{
	return self->user != NULL;
}

const char *
outlook_smtp_get_user(OutlookSmtp *self)
{
	return self->user;
}

const char *
outlook_smtp_get_sender(OutlookSmtp *self)
{
	return self->sender;
}

const char *const *
outlook_smtp_get_recipients(OutlookSmtp *self)
{
	return (const char *const *)self->recipients->pdata;
}

GBytes *
outlook_smtp_get_mime(OutlookSmtp *self, GError **error)
{
	if (self->failure == NULL)
		return outlook_spool_map(self->mail, error);
	g_propagate_error(error, g_error_copy(self->failure));
	return NULL;
}

void
outlook_smtp_greet(OutlookSmtp *self, GString *reply)
{
	g_string_append(reply, "220 localhost ESMTP Outlook accounts\r\n");
}

/* One line of at most 480 bytes of printable ASCII: RFC 5321 §4.5.3.1.5 */
static void
append_text(GString *reply, const char *text)
{
	g_autofree char *ascii = g_str_to_ascii(text, NULL);

	for (gsize i = 0; ascii[i] != '\0'; i++) {
		if (!g_ascii_isprint(ascii[i]))
			ascii[i] = ' ';
	}
	g_string_append_printf(reply, "%.480s\r\n", g_strstrip(ascii));
}

static OutlookSmtpStep
answer_mistake(OutlookSmtp *self, GString *reply, const char *text)
{
	if (++self->mistakes >= MAX_MISTAKES) {
		g_string_append(reply, "421 Too many mistakes\r\n");
		return OUTLOOK_SMTP_CLOSE;
	}
	g_string_append(reply, text);
	g_string_append(reply, "\r\n");
	return OUTLOOK_SMTP_MORE;
}

static OutlookSmtpStep
answer(GString *reply, const char *text)
{
	g_string_append(reply, text);
	g_string_append(reply, "\r\n");
	return OUTLOOK_SMTP_MORE;
}

static OutlookSmtpStep
finish_auth(OutlookSmtp *self, const char *base64, GString *reply)
{
	self->state = STATE_COMMAND;
	self->user = outlook_plain_check(base64, self->password);
	if (self->user != NULL)
		return answer(reply, "235 Signed in");

	if (++self->wrong_passwords >= MAX_WRONG_PASSWORDS) {
		g_string_append(reply, "421 Too many wrong passwords\r\n");
		return OUTLOOK_SMTP_CLOSE;
	}
	g_string_append(reply, "535 Wrong user name or password\r\n");
	return OUTLOOK_SMTP_DELAY;
}

static OutlookSmtpStep
do_auth(OutlookSmtp *self, const char *argument, GString *reply)
{
	const char *response = NULL;

	if (!self->greeted)
		return answer_mistake(self, reply, "503 Say EHLO first");
	if (self->user != NULL)
		return answer_mistake(self, reply, "503 Signed in already");
	if (g_ascii_strncasecmp(argument, "PLAIN", 5) != 0 || (argument[5] != '\0' && argument[5] != ' '))
		return answer_mistake(self, reply, "504 PLAIN is the only way to sign in");

	for (response = argument + 5; *response == ' ';)
		response++;
	if (*response != '\0')
		return finish_auth(self, response, reply);
	self->state = STATE_AUTH;
	return answer(reply, "334 ");
}

static OutlookSmtpStep
do_auth_response(OutlookSmtp *self, const char *line, GString *reply)
{
	if (strcmp(line, "*") == 0) {
		self->state = STATE_COMMAND;
		return answer(reply, "501 Sign-in cancelled");
	}
	return finish_auth(self, line, reply);
}

static OutlookSmtpStep
do_ehlo(OutlookSmtp *self, const char *argument, GString *reply)
{
	if (*argument == '\0')
		return answer_mistake(self, reply, "501 Say who you are");
	reset_mail(self);
	self->greeted = TRUE;
	g_string_append_printf(reply,
			       "250-localhost\r\n"
			       "250-SIZE %" G_GSIZE_FORMAT "\r\n"
			       "250-8BITMIME\r\n"
			       "250-PIPELINING\r\n"
			       "250 AUTH PLAIN\r\n",
			       self->max_size);
	return OUTLOOK_SMTP_MORE;
}

static OutlookSmtpStep
do_helo(OutlookSmtp *self, const char *argument, GString *reply)
{
	if (*argument == '\0')
		return answer_mistake(self, reply, "501 Say who you are");
	reset_mail(self);
	self->greeted = TRUE;
	return answer(reply, "250 localhost");
}

/*
 * `<address>` after `FROM:` or `TO:`, exactly as it stands between the brackets (RFC 5321 §4.1.2: a quoted local
 * part may hold brackets and blanks). @rest: what follows. %NULL if it is none.
 */
static char *
take_path(const char *argument, const char *keyword, const char **rest)
{
	gsize length = strlen(keyword);
	gboolean quoted = FALSE;
	const char *start, *at;

	if (g_ascii_strncasecmp(argument, keyword, length) != 0)
		return NULL;
	for (start = argument + length; *start == ' ';)
		start++;
	if (*start++ != '<')
		return NULL;
	for (at = start; *at != '\0' && (quoted || *at != '>'); at++) {
		if (quoted && *at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == '<' || *at == ' '))
			return NULL;
	}
	if (*at != '>' || (at[1] != '\0' && at[1] != ' ') || !g_utf8_validate(start, at - start, NULL))
		return NULL;
	*rest = at + 1;
	return g_strndup(start, at - start);
}

/* The parameters of MAIL. Returns %NULL, or the reply. */
static const char *
check_mail_parameters(OutlookSmtp *self, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (guint i = 0; words[i] != NULL; i++) {
		guint64 size;

		if (*words[i] == '\0' || g_ascii_strcasecmp(words[i], "BODY=7BIT") == 0 ||
		    g_ascii_strcasecmp(words[i], "BODY=8BITMIME") == 0 ||
		    g_ascii_strncasecmp(words[i], "AUTH=", 5) == 0)
			continue;
		if (g_ascii_strncasecmp(words[i], "SIZE=", 5) != 0)
			return "555 This parameter is not known here";
		if (!g_ascii_string_to_unsigned(words[i] + 5, 10, 0, G_MAXUINT64, &size, NULL))
			return "501 This is not a size";
		if (size > self->max_size)
			return "552 The mail is too large";
	}
	return NULL;
}

static OutlookSmtpStep
do_mail(OutlookSmtp *self, const char *argument, GString *reply)
{
	g_autofree char *sender = NULL;
	const char *rest, *refusal;

	if (self->user == NULL)
		return answer_mistake(self, reply, "530 Sign in first");
	if (self->sender != NULL)
		return answer_mistake(self, reply, "503 A mail has begun already");
	sender = take_path(argument, "FROM:", &rest);
	if (sender == NULL)
		return answer_mistake(self, reply, "501 This is not a sender");
	refusal = check_mail_parameters(self, rest);
	if (refusal != NULL)
		return answer_mistake(self, reply, refusal);
	self->sender = g_steal_pointer(&sender);
	return answer(reply, "250 OK");
}

static OutlookSmtpStep
do_rcpt(OutlookSmtp *self, const char *argument, GString *reply)
{
	g_autofree char *recipient = NULL;
	const char *rest;

	if (self->user == NULL)
		return answer_mistake(self, reply, "530 Sign in first");
	if (self->sender == NULL)
		return answer_mistake(self, reply, "503 Say who sends first");
	recipient = take_path(argument, "TO:", &rest);
	if (recipient == NULL || *recipient == '\0')
		return answer_mistake(self, reply, "501 This is not a recipient");
	if (*rest != '\0')
		return answer_mistake(self, reply, "555 This parameter is not known here");
	if (self->recipients->len >= MAX_RECIPIENTS)
		return answer_mistake(self, reply, "452 Too many recipients");
	g_ptr_array_add(self->recipients, g_steal_pointer(&recipient));
	return answer(reply, "250 OK");
}

static OutlookSmtpStep
do_data(OutlookSmtp *self, const char *argument, GString *reply)
{
	g_autofree char *directory = NULL;

	if (self->user == NULL)
		return answer_mistake(self, reply, "530 Sign in first");
	if (*argument != '\0')
		return answer_mistake(self, reply, "501 DATA stands alone");
	if (self->sender == NULL || self->recipients->len == 0)
		return answer_mistake(self, reply, "503 Say who sends and who receives first");
	self->state = STATE_DATA;
	self->place = DATA_LINE_START;
	directory = self->place_of(self->user, self->user_data);
	if (directory == NULL)
		g_set_error_literal(&self->failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no such account");
	else
		self->mail = outlook_spool_new(directory, &self->failure);
	return answer(reply, "354 End with a dot on a line of its own");
}

static OutlookSmtpStep
do_rset(OutlookSmtp *self, const char *argument, GString *reply)
{
	reset_mail(self);
	return answer(reply, "250 OK");
}

static OutlookSmtpStep
do_noop(OutlookSmtp *self, const char *argument, GString *reply)
{
	return answer(reply, "250 OK");
}

static OutlookSmtpStep
do_vrfy(OutlookSmtp *self, const char *argument, GString *reply)
{
	return answer(reply, "252 Send it and see");
}

static OutlookSmtpStep
do_quit(OutlookSmtp *self, const char *argument, GString *reply)
{
	g_string_append(reply, "221 Bye\r\n");
	return OUTLOOK_SMTP_CLOSE;
}

static const struct {
	const char *name;
	OutlookSmtpStep (*run)(OutlookSmtp *self, const char *argument, GString *reply);
} commands[] = {
	{"EHLO", do_ehlo}, {"HELO", do_helo}, {"AUTH", do_auth}, {"MAIL", do_mail}, {"RCPT", do_rcpt},
	{"DATA", do_data}, {"RSET", do_rset}, {"NOOP", do_noop}, {"VRFY", do_vrfy}, {"QUIT", do_quit},
};

static OutlookSmtpStep
run_line(OutlookSmtp *self, char *line, GString *reply)
{
	char *argument;

	if (self->state == STATE_AUTH)
		return do_auth_response(self, line, reply);

	argument = line + strcspn(line, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	g_strstrip(argument);
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (g_ascii_strcasecmp(line, commands[i].name) == 0)
			return commands[i].run(self, argument, reply);
	}
	return answer_mistake(self, reply, "500 This command is not known here");
}

/* Takes the next line off what came; %NULL when there is none yet. @bad: it holds what no command does. */
static char *
take_line(OutlookSmtp *self, gboolean *bad)
{
	const guint8 *end = self->pending->len > 0 ? memchr(self->pending->data, '\n', self->pending->len) : NULL;
	gsize length = end != NULL ? (gsize)(end - self->pending->data) : self->pending->len;
	char *line;

	if (end == NULL) {
		if (length > MAX_LINE) {
			self->skipping = TRUE;
			g_byte_array_set_size(self->pending, 0);
		}
		return NULL;
	}
	*bad = self->skipping || length > MAX_LINE || length == 0 || self->pending->data[length - 1] != '\r';
	self->skipping = FALSE;
	line = g_strndup((const char *)self->pending->data, length > 0 ? length - 1 : 0);
	for (gsize i = 0; i + 1 < length && !*bad; i++)
		*bad = g_ascii_iscntrl((char)self->pending->data[i]);
	g_byte_array_remove_range(self->pending, 0, length + 1);
	return line;
}

/* A mail that cannot be kept is heard to its end all the same: only then the client listens. */
static void
keep(OutlookSmtp *self, const guint8 *bytes, gsize length)
{
	if (self->failure != NULL || length == 0)
		return;
	if (length > self->max_size - outlook_spool_get_size(self->mail))
		g_set_error_literal(&self->failure, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "The mail is too large");
	else if (*self->in_use + length > 2 * self->max_size)
		g_set_error_literal(&self->failure, G_IO_ERROR, G_IO_ERROR_BUSY, "Too much mail at once");
	else
		outlook_spool_append(self->mail, bytes, length, &self->failure);
	if (self->failure != NULL) {
		g_clear_pointer(&self->mail, outlook_spool_free);
		*self->in_use -= self->counted;
		self->counted = 0;
		return;
	}
	self->counted += length;
	*self->in_use += length;
}

/* RFC 5321 §4.5.2: a dot that begins a line goes. TRUE at the end of the mail. */
static gboolean
take_data(OutlookSmtp *self)
{
	const guint8 *bytes = self->pending->data;
	gsize length = self->pending->len;
	gsize from = 0, i = 0;
	gboolean ended = FALSE;

	for (; i < length && !ended; i++) {
		switch (self->place) {
		case DATA_LINE_START:
			if (bytes[i] == '.') {
				keep(self, bytes + from, i - from);
				from = i + 1;
				self->place = DATA_DOT;
			} else {
				self->place = bytes[i] == '\r' ? DATA_CR : DATA_IN_LINE;
			}
			break;
		case DATA_IN_LINE:
			if (bytes[i] == '\r')
				self->place = DATA_CR;
			break;
		case DATA_CR:
			self->place = bytes[i] == '\n' ? DATA_LINE_START : bytes[i] == '\r' ? DATA_CR : DATA_IN_LINE;
			break;
		case DATA_DOT:
			if (bytes[i] == '\r') {
				from = i + 1;
				self->place = DATA_DOT_CR;
			} else {
				self->place = DATA_IN_LINE;
			}
			break;
		case DATA_DOT_CR:
			if (bytes[i] == '\n') {
				from = i + 1;
				ended = TRUE;
			} else {
				keep(self, (const guint8 *)"\r", 1);
				self->place = bytes[i] == '\r' ? DATA_CR : DATA_IN_LINE;
			}
			break;
		}
	}
	if (!ended)
		keep(self, bytes + from, length - from);
	g_byte_array_remove_range(self->pending, 0, i);
	return ended;
}

gboolean
outlook_smtp_feed(OutlookSmtp *self, const guint8 *bytes, gsize length)
{
	if (self->state != STATE_DATA && self->pending->len + length > MAX_UNANSWERED)
		return FALSE;
	g_byte_array_append(self->pending, bytes, length);
	return TRUE;
}

OutlookSmtpStep
outlook_smtp_step(OutlookSmtp *self, GString *reply)
{
	OutlookSmtpStep step = OUTLOOK_SMTP_MORE;

	while (step == OUTLOOK_SMTP_MORE && self->pending->len > 0) {
		g_autofree char *line = NULL;
		gboolean bad = FALSE;

		g_return_val_if_fail(self->state != STATE_WAITING, OUTLOOK_SMTP_CLOSE);
		if (self->state == STATE_DATA) {
			if (!take_data(self))
				return OUTLOOK_SMTP_MORE;
			self->state = STATE_WAITING;
			g_ptr_array_add(self->recipients, NULL);
			return OUTLOOK_SMTP_DELIVER;
		}
		line = take_line(self, &bad);
		if (line == NULL)
			return OUTLOOK_SMTP_MORE;
		if (bad) {
			self->state = STATE_COMMAND;
			step = answer_mistake(self, reply, "500 This line is too long or not a command");
		} else {
			step = run_line(self, line, reply);
		}
	}
	return step;
}

void
outlook_smtp_show_life(GString *reply)
{
	g_string_append(reply, "150-The mail is on its way to the server\r\n");
}

void
outlook_smtp_answer(OutlookSmtp *self, GString *reply, const GError *error, gboolean temporary)
{
	g_return_if_fail(self->state == STATE_WAITING);

	self->state = STATE_COMMAND;
	reset_mail(self);
	if (error == NULL) {
		answer(reply, "250 The mail was accepted");
		return;
	}
	if (temporary)
		g_string_append(reply, "451 ");
	else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
		g_string_append(reply, "552 ");
	else
		g_string_append(reply, "554 ");
	append_text(reply, error->message);
}
