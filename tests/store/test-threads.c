/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "home.h"

/*
 * Mails whose threads are known, because they were made here, are brought through the service into the store, and put
 * together again from its records as the host does it: by In-Reply-To, then by the last of References that is there.
 */
#define INBOX(home) store_account_find_role((home)->account, STORE_ROLE_INBOX)
#define MAILS 600
#define LARGE 5000
#define INDEX_FIRST 22
#define INDEX_ANSWER 5

typedef enum {
	PLAIN,	       /* In-Reply-To and References */
	NO_REFERENCES, /* a client that drops them */
	NO_REPLY_TO,
	WORDY_REPLY_TO, /* `Message of … <id> (from …)` */
	INDEX_ALONE,	/* neither, but a Thread-Index */
	N_KINDS,
} Kind;

typedef struct {
	Kind kind;
	int answers;	/* what is answered, -1: nothing */
	gboolean lost;	/* not delivered */
	GString *index; /* raw */
} Mail;

typedef struct {
	GRand *rand;
	GPtrArray *mails;
	guint n_kinds[N_KINDS];
	guint n_lost;
	guint deepest;
} Plan;

static void
mail_free(gpointer data)
{
	Mail *self = data;

	g_string_free(self->index, TRUE);
	g_free(self);
}

static Mail *
get(const Plan *plan, int i)
{
	return g_ptr_array_index(plan->mails, i);
}

static void
append_bytes(GRand *rand, GString *index, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append_c(index, (char)g_rand_int_range(rand, 0, 256));
}

/* A third of the answers goes to the last mail (depth), the others to any of the last fifty (branches). */
static void
add_mail(Plan *plan, guint i)
{
	Mail *mail = g_new0(Mail, 1);
	guint depth = 1;

	mail->index = g_string_new(NULL);
	mail->answers = -1;
	if (i > 0 && g_rand_int_range(plan->rand, 0, 100) < 85)
		mail->answers = g_rand_int_range(plan->rand, 0, 3) == 0
					? (int)i - 1
					: g_rand_int_range(plan->rand, MAX(0, (int)i - 50), (int)i);
	if (mail->answers < 0) {
		g_string_append_c(mail->index, 1);
		append_bytes(plan->rand, mail->index, INDEX_FIRST - 1);
	} else {
		const Mail *before = get(plan, mail->answers);
		int dice = g_rand_int_range(plan->rand, 0, 100);

		mail->kind = dice < 70	 ? PLAIN
			     : dice < 80 ? NO_REFERENCES
			     : dice < 90 ? NO_REPLY_TO
			     : dice < 95 ? WORDY_REPLY_TO
					 : INDEX_ALONE;
		g_string_append_len(mail->index, before->index->str, (gssize)before->index->len);
		append_bytes(plan->rand, mail->index, INDEX_ANSWER);
	}
	mail->lost = g_rand_int_range(plan->rand, 0, 100) < 8;
	for (int at = mail->answers; at >= 0; at = get(plan, at)->answers)
		depth++;
	plan->deepest = MAX(plan->deepest, depth);
	plan->n_kinds[mail->answers >= 0 ? mail->kind : PLAIN]++;
	plan->n_lost += mail->lost;
	g_ptr_array_add(plan->mails, mail);
}

static Plan *
plan_new(guint n)
{
	Plan *plan = g_new0(Plan, 1);

	plan->rand = g_rand_new_with_seed(20260301);
	plan->mails = g_ptr_array_new_with_free_func(mail_free);
	for (guint i = 0; i < n; i++)
		add_mail(plan, i);
	return plan;
}

static void
plan_free(Plan *plan)
{
	g_rand_free(plan->rand);
	g_ptr_array_unref(plan->mails);
	g_free(plan);
}

static void
append_references(const Plan *plan, int i, GString *text)
{
	if (i < 0)
		return;
	append_references(plan, get(plan, i)->answers, text);
	g_string_append_printf(text, "%s<%d@contoso.example>", text->len > 0 ? "\r\n " : "", i);
}

/* Every tenth answer has another subject than what it answers. */
static char *
write_mail(const Plan *plan, int i)
{
	const Mail *mail = get(plan, i);
	g_autoptr(GString) references = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new("From: Bob <" SIMULATOR_OTHER ">\r\nTo: Alice <" SIMULATOR_USER ">\r\n");
	g_autofree char *index = g_base64_encode((const guchar *)mail->index->str, mail->index->len);

	append_references(plan, mail->answers, references);
	g_string_append_printf(text, "Subject: %s%d\r\nMessage-ID: <%d@contoso.example>\r\nThread-Index: %s\r\n",
			       mail->answers >= 0 ? "Re: " : "", i % 10 == 0 ? i : 0, i, index);
	g_string_append_printf(text, "Date: Tue, 03 Mar 2026 %02d:%02d:%02d +0000\r\n", i / 3600 % 24, i / 60 % 60,
			       i % 60);
	if (mail->answers >= 0 && (mail->kind == PLAIN || mail->kind == NO_REFERENCES))
		g_string_append_printf(text, "In-Reply-To: <%d@contoso.example>\r\n", mail->answers);
	if (mail->answers >= 0 && mail->kind == WORDY_REPLY_TO)
		g_string_append_printf(text,
				       "In-Reply-To: Your message of \"Tue\" <%d@contoso.example> (was <0@x>)\r\n",
				       mail->answers);
	if (mail->answers >= 0 && (mail->kind == PLAIN || mail->kind == NO_REPLY_TO))
		g_string_append_printf(text, "References: %s\r\n", references->str);
	g_string_append(text, "\r\nHello.\r\n");
	return g_strdup(text->str);
}

/* What it answers, or the nearest one before that is there, if the mail tells of it; -1: it begins a thread. */
static int
get_true_parent(const Plan *plan, int i)
{
	const Mail *mail = get(plan, i);
	int at = mail->answers;

	while (at >= 0 && get(plan, at)->lost)
		at = mail->kind == NO_REFERENCES || mail->kind == WORDY_REPLY_TO ? -1 : get(plan, at)->answers;
	return at;
}

static const StoreMessage *
look_up(GHashTable *by_id, const char *id)
{
	return id != NULL ? g_hash_table_lookup(by_id, id) : NULL;
}

/* As the host: a mail is not its own parent; circles cannot come of these mails. */
static const StoreMessage *
find_parent(GHashTable *by_id, const StoreMessage *message)
{
	g_auto(GStrv) references = g_strsplit(message->references != NULL ? message->references : "", " ", -1);
	guint n = g_strv_length(references);
	const char *answered = message->in_reply_to != NULL ? message->in_reply_to : n > 0 ? references[n - 1] : NULL;
	const StoreMessage *parent = look_up(by_id, answered);

	for (guint i = n; parent == NULL && i > 0; i--)
		parent = look_up(by_id, references[i - 1]);
	return parent != message ? parent : NULL;
}

static int
get_number(const StoreMessage *message)
{
	return message != NULL ? atoi(message->message_id + 1) : -1;
}

static void
deliver(Home *home, const Plan *plan, guint begin, guint end)
{
	for (guint i = begin; i < end; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = get(plan, (int)i)->lost ? NULL : write_mail(plan, (int)i);
		g_autofree char *id =
			text != NULL ? simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", text, -1, &error)
				     : NULL;

		g_assert_no_error(error);
	}
}

static void
assert_threads(Home *home, const Plan *plan)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) messages = store_account_list_messages(home->account, INBOX(home), NULL, &error);
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
	guint wrong = 0;

	g_assert_no_error(error);
	g_assert_cmpuint(messages->len, ==, plan->mails->len - plan->n_lost);
	for (guint i = 0; i < messages->len; i++) {
		StoreMessage *message = g_ptr_array_index(messages, i);

		g_hash_table_insert(by_id, message->message_id, message);
	}
	for (guint i = 0; i < messages->len; i++) {
		const StoreMessage *message = g_ptr_array_index(messages, i);
		int parent = get_number(find_parent(by_id, message));

		if (parent == get_true_parent(plan, get_number(message)))
			continue;
		wrong++;
		g_test_message("%s: %d, not %d", message->message_id, parent,
			       get_true_parent(plan, get_number(message)));
	}
	g_test_message("%u mails, %u not delivered, depth %u; plain %u, without References %u, without In-Reply-To %u, "
		       "wordy %u, index alone %u: %u parents wrong",
		       plan->mails->len, plan->n_lost, plan->deepest, plan->n_kinds[PLAIN],
		       plan->n_kinds[NO_REFERENCES], plan->n_kinds[NO_REPLY_TO], plan->n_kinds[WORDY_REPLY_TO],
		       plan->n_kinds[INDEX_ALONE], wrong);
	g_assert_cmpuint(wrong, ==, 0);
}

/* No body is fetched. In two halves, so that answers and what they answer come in different rounds. */
static void
test_threads_come_without_bodies(Home *home, gconstpointer data)
{
	guint n = g_test_slow() ? LARGE : MAILS;
	Plan *plan = plan_new(n);

	for (Kind kind = PLAIN; kind < N_KINDS; kind++)
		g_assert_cmpuint(plan->n_kinds[kind], >=, n / 50);
	g_assert_cmpuint(plan->deepest, >=, 10);
	deliver(home, plan, 0, n / 2);
	home_check(home);
	deliver(home, plan, n / 2, n);
	home_check(home);
	assert_threads(home, plan);
	{
		g_auto(GStrv) requests = simulator_get_requests(home->simulator);

		for (guint i = 0; requests[i] != NULL; i++)
			g_assert_null(strstr(requests[i], "$value"));
	}
	plan_free(plan);
}

static char *
deliver_indexed(Home *home, const char *subject, const char *index, const char *header)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strdup_printf("From: Bob <" SIMULATOR_OTHER ">\r\nTo: Alice <" SIMULATOR_USER
						">\r\nSubject: %s\r\nMessage-ID: <%s@x>\r\nThread-Index: %s\r\n%s"
						"Date: Tue, 03 Mar 2026 10:00:00 +0100\r\n\r\nHello.\r\n",
						subject, subject, index, header);
	char *id = simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", text, -1, &error);

	g_assert_no_error(error);
	return id;
}

/* The answer is there first, and the host has read it; it hears of the parent later. */
static void
test_a_parent_that_comes_later_is_told(Home *home, gconstpointer data)
{
	g_autofree char *first_index = g_base64_encode((const guchar *)"\001abcdefghijklmnopqrstu", INDEX_FIRST);
	g_autofree char *index = g_base64_encode((const guchar *)"\001abcdefghijklmnopqrstu12345", INDEX_FIRST + 5);
	g_autofree char *answer_id = deliver_indexed(home, "answer", index, "");
	g_autofree char *first_id = NULL;
	g_autoptr(StoreMessage) answer = NULL;
	g_autoptr(GHashTable) parents = NULL;

	home_check(home);
	answer = home_find(home, INBOX(home), "answer");
	g_assert_null(answer->in_reply_to);
	parents = store_account_list_parents(home->account, INBOX(home), NULL);
	g_assert_cmpuint(g_hash_table_size(parents), ==, 0);

	first_id = deliver_indexed(home, "first", first_index, "");
	home->changes = 0;
	home_check(home);
	g_assert_cmpuint(home->changes, >, 0);
	g_hash_table_unref(parents);
	parents = store_account_list_parents(home->account, INBOX(home), NULL);
	g_assert_cmpstr(g_hash_table_lookup(parents, GUINT_TO_POINTER(answer->number)), ==, "<first@x>");
	store_message_free(answer);
	answer = home_find(home, INBOX(home), "answer");
	g_assert_cmpstr(answer->in_reply_to, ==, "<first@x>");
}

/* What a mail's own header says counts; an index that is none says nothing. */
static void
test_an_index_counts_for_nothing_beside_a_header(Home *home, gconstpointer data)
{
	g_autofree char *first_index = g_base64_encode((const guchar *)"\001abcdefghijklmnopqrstu", INDEX_FIRST);
	g_autofree char *index = g_base64_encode((const guchar *)"\001abcdefghijklmnopqrstu12345", INDEX_FIRST + 5);
	g_autofree char *odd = g_base64_encode((const guchar *)"\001abcdefghijklmnopqrstu1234", INDEX_FIRST + 4);
	g_autofree char *one = deliver_indexed(home, "first", first_index, "");
	g_autofree char *two = deliver_indexed(home, "said", index, "In-Reply-To: <else@x>\r\n");
	g_autofree char *three = deliver_indexed(home, "odd", odd, "");
	g_autofree char *four =
		deliver_indexed(home, "nonsense", "!!!!not base64 at all, and long enough to count!!!!", "");
	g_autofree char *five = deliver_indexed(home, "copied", first_index, "");
	g_autoptr(StoreMessage) said = NULL;
	g_autoptr(GHashTable) parents = NULL;

	home_check(home);
	said = home_find(home, INBOX(home), "said");
	g_assert_cmpstr(said->in_reply_to, ==, "<else@x>");
	parents = store_account_list_parents(home->account, INBOX(home), NULL);
	g_assert_cmpuint(g_hash_table_size(parents), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/threads/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("threads come without bodies", test_threads_come_without_bodies);
	ADD("a parent that comes later is told", test_a_parent_that_comes_later_is_told);
	ADD("an index counts for nothing beside a header", test_an_index_counts_for_nothing_beside_a_header);
	return g_test_run();
}
