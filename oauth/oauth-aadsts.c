/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-aadsts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define DIRECTORY                                                                                                     \
	N_("This account has no access to that directory. Check the tenant in the settings, or sign in with another " \
	   "account.")
#define REDIRECT                                                                                                    \
	N_("The app registration lacks the redirect address. Add the redirect address that the account's settings " \
	   "show, for the platform named there.")
#define TENANT N_("The tenant was not found. Check the tenant and the cloud in the settings.")
#define WHICH_TENANT N_("The directory cannot be told from the account. Enter the tenant in the settings.")
#define RESTRICTED N_("Your network does not allow this tenant. Ask your administrator.")
#define EXPIRED_PASSWORD N_("The password has expired. Change it in the browser, then sign in again.")
#define CONFIRM N_("The service wants the sign-in to be confirmed. Sign in again in the browser.")
#define SESSION_OVER N_("The sign-in is over, for example because the password was changed. Sign in again.")
#define DEVICE N_("Your organization allows managed devices only. Ask your administrator.")
#define POLICY                                                                                                       \
	N_("A policy of your organization forbids this device or program. Signing in again will not help; ask your " \
	   "administrator.")
#define RISK N_("The account is considered at risk. Change its password, or ask your administrator.")
#define OUR_FAULT N_("The service did not understand the request. This is a fault of the program; please report it.")
#define NO_CONSENT N_("The permissions were not granted. Sign in and accept them, or ask your administrator to.")
#define REGISTRATION \
	N_("The app registration lacks a permission. Add the delegated permissions of Microsoft Graph to it.")
#define BAD_SECRET N_("The client secret is wrong. Paste the “Value” of the secret, not its ID.")
#define UNUSED N_("The account was not used for a long time, so the sign-in has expired. Sign in again.")
#define SCOPES                                                                                                        \
	N_("A permission does not exist or cannot be combined with the others. Reset the permissions to the default " \
	   "ones.")
#define CLIENT_ID N_("The client ID is not known in this directory. Check the client ID, the tenant and the cloud.")
#define BUSY N_("The sign-in service is busy. Try again later.")
#define ADMIN                                                                                                     \
	N_("An administrator has to grant these permissions to the program. Send the administrator the link for " \
	   "that, and sign in when it is done.")
#define CODE_EXPIRED N_("The code has expired. Start the sign-in again.")
#define DISABLED N_("The app registration is disabled. Ask your administrator.")
#define UNKNOWN_ACCOUNT N_("The account does not exist in this directory. Check the address and the tenant.")
#define WRONG_PASSWORD N_("The password is wrong. Sign in again.")
#define OTHER_KINDS                                                                                                        \
	N_("This app registration is for other kinds of accounts. Enter “organizations” or the directory's ID as the " \
	   "tenant.")

/* OAUTH.md 9b, sorted by number */
static const struct {
	guint code;
	const char *hint;
	OauthRemedy remedies[OAUTH_MAX_REMEDIES];
} hints[] = {
	{16000, DIRECTORY, {OAUTH_REMEDY_TENANT, OAUTH_REMEDY_SIGN_IN}},
	{28002, SCOPES, {OAUTH_REMEDY_SCOPES}},
	{28003, SCOPES, {OAUTH_REMEDY_SCOPES}},
	{50011, REDIRECT, {OAUTH_REMEDY_REDIRECT, OAUTH_REMEDY_GUIDE}},
	{50020, DIRECTORY, {OAUTH_REMEDY_TENANT, OAUTH_REMEDY_SIGN_IN}},
	{50033, BUSY, {OAUTH_REMEDY_RETRY}},
	{50034, UNKNOWN_ACCOUNT, {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_TENANT}},
	{50053,
	 N_("The account is locked for now. Wait, or ask your administrator to unlock it."),
	 {OAUTH_REMEDY_RETRY, OAUTH_REMEDY_ADMINISTRATOR}},
	{50055, EXPIRED_PASSWORD, {OAUTH_REMEDY_SIGN_IN}},
	{50056, WRONG_PASSWORD, {OAUTH_REMEDY_SIGN_IN}},
	{50057, N_("The account is disabled. Ask your administrator."), {OAUTH_REMEDY_ADMINISTRATOR}},
	{50058, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{50059, WHICH_TENANT, {OAUTH_REMEDY_TENANT}},
	{50072, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50074, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50076, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50078, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50079, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50089, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{50097, DEVICE, {OAUTH_REMEDY_ADMINISTRATOR}},
	{50105,
	 N_("You are not assigned to this app registration. Ask your administrator to assign you."),
	 {OAUTH_REMEDY_ADMINISTRATOR}},
	{50126, WRONG_PASSWORD, {OAUTH_REMEDY_SIGN_IN}},
	{50128, WHICH_TENANT, {OAUTH_REMEDY_TENANT}},
	{50129, DEVICE, {OAUTH_REMEDY_ADMINISTRATOR}},
	{50131, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{50132, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{50133, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{50135, RISK, {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_ADMINISTRATOR}},
	{50144, EXPIRED_PASSWORD, {OAUTH_REMEDY_SIGN_IN}},
	{50147, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{50155, DEVICE, {OAUTH_REMEDY_ADMINISTRATOR}},
	{50158, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{50173, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{50187, DEVICE, {OAUTH_REMEDY_ADMINISTRATOR}},
	{50194,
	 N_("The app registration is for one directory only. Enter its tenant in the settings."),
	 {OAUTH_REMEDY_TENANT}},
	{50196,
	 N_("The service saw too many requests in a row. The program stops by itself; please report this."),
	 {OAUTH_REMEDY_NONE}},
	{50199, CONFIRM, {OAUTH_REMEDY_SIGN_IN}},
	{51004, UNKNOWN_ACCOUNT, {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_TENANT}},
	{53000, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{53001, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{53002, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{53003, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{53011, RISK, {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_ADMINISTRATOR}},
	{54005,
	 N_("The answer of the browser was already used. Sign in again, and press the button only once."),
	 {OAUTH_REMEDY_SIGN_IN}},
	{65001, NO_CONSENT, {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_CONSENT}},
	{65002,
	 N_("This client ID belongs to Microsoft itself. Register an app of your own."),
	 {OAUTH_REMEDY_CLIENT_ID, OAUTH_REMEDY_GUIDE}},
	{65004,
	 N_("The permissions were declined. Sign in again and accept them, or choose fewer in the settings."),
	 {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_SCOPES}},
	{65005, REGISTRATION, {OAUTH_REMEDY_GUIDE, OAUTH_REMEDY_SCOPES}},
	{70000, SESSION_OVER, {OAUTH_REMEDY_SIGN_IN}},
	{70001, DISABLED, {OAUTH_REMEDY_ADMINISTRATOR}},
	{70002, BAD_SECRET, {OAUTH_REMEDY_SECRET}},
	{70008, UNUSED, {OAUTH_REMEDY_SIGN_IN}},
	{70011, SCOPES, {OAUTH_REMEDY_SCOPES}},
	{70018, CODE_EXPIRED, {OAUTH_REMEDY_SIGN_IN}},
	{70019, CODE_EXPIRED, {OAUTH_REMEDY_SIGN_IN}},
	{70020, CODE_EXPIRED, {OAUTH_REMEDY_SIGN_IN}},
	{70043,
	 N_("Your organization asks for a new sign-in from time to time. Sign in again."),
	 {OAUTH_REMEDY_SIGN_IN}},
	{80012, N_("Signing in is not allowed at this hour. Try again later."), {OAUTH_REMEDY_RETRY}},
	{90002, TENANT, {OAUTH_REMEDY_TENANT}},
	{90006, BUSY, {OAUTH_REMEDY_RETRY}},
	{90012, BUSY, {OAUTH_REMEDY_RETRY}},
	{90014, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{90024, BUSY, {OAUTH_REMEDY_RETRY}},
	{90033, BUSY, {OAUTH_REMEDY_RETRY}},
	{90038, N_("The directory is in another cloud. Choose the other cloud in the settings."), {OAUTH_REMEDY_CLOUD}},
	{90055, BUSY, {OAUTH_REMEDY_RETRY}},
	{90072,
	 N_("This account cannot confirm its sign-in in that directory. Sign in with another account, or ask your "
	    "administrator."),
	 {OAUTH_REMEDY_SIGN_IN, OAUTH_REMEDY_ADMINISTRATOR}},
	{90090, BUSY, {OAUTH_REMEDY_RETRY}},
	{90094, ADMIN, {OAUTH_REMEDY_CONSENT, OAUTH_REMEDY_SCOPES}},
	{90095, ADMIN, {OAUTH_REMEDY_CONSENT, OAUTH_REMEDY_SCOPES}},
	{90100, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{90124, OTHER_KINDS, {OAUTH_REMEDY_TENANT}},
	{90130, OTHER_KINDS, {OAUTH_REMEDY_TENANT}},
	{135011, N_("The device is disabled. Ask your administrator."), {OAUTH_REMEDY_ADMINISTRATOR}},
	{500011,
	 N_("The Graph server is not known in this directory. Check that the cloud is the right one."),
	 {OAUTH_REMEDY_CLOUD}},
	{500021, RESTRICTED, {OAUTH_REMEDY_ADMINISTRATOR}},
	{500022, RESTRICTED, {OAUTH_REMEDY_ADMINISTRATOR}},
	{500113, REDIRECT, {OAUTH_REMEDY_REDIRECT, OAUTH_REMEDY_GUIDE}},
	{501481, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{501491, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{530032, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{530035, POLICY, {OAUTH_REMEDY_ADMINISTRATOR}},
	{530036,
	 N_("Your organization does not allow sign-in by a device code. Use the browser."),
	 {OAUTH_REMEDY_SIGN_IN}},
	{650052,
	 N_("Your organization has no licence for this service. Ask your administrator."),
	 {OAUTH_REMEDY_ADMINISTRATOR}},
	{650053, N_("The name of a permission is misspelt. Remove it from the settings."), {OAUTH_REMEDY_SCOPES}},
	{650056, REGISTRATION, {OAUTH_REMEDY_GUIDE, OAUTH_REMEDY_SCOPES}},
	{650057, REGISTRATION, {OAUTH_REMEDY_GUIDE, OAUTH_REMEDY_SCOPES}},
	{700005, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{700011, CLIENT_ID, {OAUTH_REMEDY_CLIENT_ID, OAUTH_REMEDY_TENANT}},
	{700016, CLIENT_ID, {OAUTH_REMEDY_CLIENT_ID, OAUTH_REMEDY_TENANT}},
	{700022, SCOPES, {OAUTH_REMEDY_SCOPES}},
	{700025,
	 N_("This app registration is a public client and takes no secret. Clear the client secret in the settings."),
	 {OAUTH_REMEDY_SECRET}},
	{700082, UNUSED, {OAUTH_REMEDY_SIGN_IN}},
	{700084,
	 N_("The app registration is for web pages. Register the redirect address that the account's settings show, "
	    "for the platform named there, instead."),
	 {OAUTH_REMEDY_REDIRECT, OAUTH_REMEDY_GUIDE}},
	{900023, TENANT, {OAUTH_REMEDY_TENANT}},
	{900144, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{7000112, DISABLED, {OAUTH_REMEDY_ADMINISTRATOR}},
	{7000215, BAD_SECRET, {OAUTH_REMEDY_SECRET}},
	{7000218,
	 N_("The app registration demands a secret. Move its redirect address to “Mobile and desktop applications” and "
	    "allow public client flows, or enter the client secret in the settings."),
	 {OAUTH_REMEDY_SECRET, OAUTH_REMEDY_GUIDE}},
	{7000222,
	 N_("The client secret has expired. Create a new one in the app registration and enter it in the settings."),
	 {OAUTH_REMEDY_SECRET, OAUTH_REMEDY_GUIDE}},
	{9002313, OUR_FAULT, {OAUTH_REMEDY_NONE}},
	{9002331,
	 N_("This app registration is for personal accounts only. Enter “consumers” as the tenant."),
	 {OAUTH_REMEDY_TENANT}},
	{9002332, OTHER_KINDS, {OAUTH_REMEDY_TENANT}},
};

const char *
oauth_aadsts_hint(guint code)
{
	for (guint i = 0; i < G_N_ELEMENTS(hints); i++) {
		if (hints[i].code == code)
			return _(hints[i].hint);
	}
	return NULL;
}

gboolean
oauth_aadsts_get_remedies(guint code, OauthRemedy remedies[OAUTH_MAX_REMEDIES])
{
	for (guint i = 0; i < G_N_ELEMENTS(hints); i++) {
		if (hints[i].code == code) {
			memcpy(remedies, hints[i].remedies, sizeof hints[i].remedies);
			return TRUE;
		}
	}
	return FALSE;
}

guint
oauth_aadsts_find(const char *description)
{
	const char *mark = description != NULL ? strstr(description, "AADSTS") : NULL;
	guint64 code;

	if (mark == NULL || !g_ascii_isdigit(mark[strlen("AADSTS")]))
		return 0;
	code = g_ascii_strtoull(mark + strlen("AADSTS"), NULL, 10);
	return code < 100000000 ? (guint)code : 0;
}
