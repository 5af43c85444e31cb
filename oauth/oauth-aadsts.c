/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-aadsts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define DIRECTORY                                                                                                      \
	N_("This account has no access to that directory. Check the tenant in the settings, or sign in with another "  \
	   "account.")
#define REDIRECT                                                                                                       \
	N_("The app registration lacks the redirect address. Add http://localhost under “Mobile and desktop "        \
	   "applications”.")
#define TENANT N_("The tenant was not found. Check the tenant and the cloud in the settings.")
#define WHICH_TENANT N_("The directory cannot be told from the account. Enter the tenant in the settings.")
#define RESTRICTED N_("Your network does not allow this tenant. Ask your administrator.")
#define EXPIRED_PASSWORD N_("The password has expired. Change it in the browser, then sign in again.")
#define CONFIRM N_("The service wants the sign-in to be confirmed. Sign in again in the browser.")
#define SESSION_OVER N_("The sign-in is over, for example because the password was changed. Sign in again.")
#define DEVICE N_("Your organization allows managed devices only. Ask your administrator.")
#define POLICY                                                                                                         \
	N_("A policy of your organization forbids this device or program. Signing in again will not help; ask your "   \
	   "administrator.")
#define RISK N_("The account is considered at risk. Change its password, or ask your administrator.")
#define OUR_FAULT N_("The service did not understand the request. This is a fault of the program; please report it.")
#define NO_CONSENT N_("The permissions were not granted. Sign in and accept them, or ask your administrator to.")
#define REGISTRATION                                                                                                   \
	N_("The app registration lacks a permission. Add the delegated permissions of Microsoft Graph to it.")
#define BAD_SECRET N_("The client secret is wrong. Paste the “Value” of the secret, not its ID.")
#define UNUSED N_("The account was not used for a long time, so the sign-in has expired. Sign in again.")
#define SCOPES                                                                                                         \
	N_("A permission does not exist or cannot be combined with the others. Reset the permissions to the default "  \
	   "ones.")
#define CLIENT_ID N_("The client ID is not known in this directory. Check the client ID, the tenant and the cloud.")
#define BUSY N_("The sign-in service is busy. Try again later.")
#define ADMIN N_("An administrator has to grant these permissions to the program.")
#define CODE_EXPIRED N_("The code has expired. Start the sign-in again.")

/* OAUTH.md 9b, sorted by number */
static const struct {
	guint code;
	const char *hint;
} hints[] = {
	{16000, DIRECTORY},
	{28002, SCOPES},
	{28003, SCOPES},
	{50011, REDIRECT},
	{50020, DIRECTORY},
	{50033, BUSY},
	{50034, N_("The account does not exist in this directory. Check the address and the tenant.")},
	{50053, N_("The account is locked for now. Wait, or ask your administrator to unlock it.")},
	{50055, EXPIRED_PASSWORD},
	{50056, N_("The password is wrong. Sign in again.")},
	{50057, N_("The account is disabled. Ask your administrator.")},
	{50058, SESSION_OVER},
	{50059, WHICH_TENANT},
	{50072, CONFIRM},
	{50074, CONFIRM},
	{50076, CONFIRM},
	{50078, CONFIRM},
	{50079, CONFIRM},
	{50089, SESSION_OVER},
	{50097, DEVICE},
	{50105, N_("You are not assigned to this app registration. Ask your administrator to assign you.")},
	{50126, N_("The password is wrong. Sign in again.")},
	{50128, WHICH_TENANT},
	{50129, DEVICE},
	{50131, POLICY},
	{50132, SESSION_OVER},
	{50133, SESSION_OVER},
	{50135, RISK},
	{50144, EXPIRED_PASSWORD},
	{50147, OUR_FAULT},
	{50155, DEVICE},
	{50158, CONFIRM},
	{50173, SESSION_OVER},
	{50187, DEVICE},
	{50194, N_("The app registration is for one directory only. Enter its tenant in the settings.")},
	{50196, N_("The service saw too many requests in a row. The program stops by itself; please report this.")},
	{51004, N_("The account does not exist in this directory. Check the address and the tenant.")},
	{53000, POLICY},
	{53001, POLICY},
	{53002, POLICY},
	{53003, POLICY},
	{53011, RISK},
	{54005, N_("The answer of the browser was already used. Sign in again, and press the button only once.")},
	{65001, NO_CONSENT},
	{65002, N_("This client ID belongs to Microsoft itself. Register an app of your own.")},
	{65004, NO_CONSENT},
	{65005, REGISTRATION},
	{70000, SESSION_OVER},
	{70001, N_("The app registration is disabled. Ask your administrator.")},
	{70002, BAD_SECRET},
	{70008, UNUSED},
	{70011, SCOPES},
	{70018, CODE_EXPIRED},
	{70019, CODE_EXPIRED},
	{70020, CODE_EXPIRED},
	{70043, N_("Your organization asks for a new sign-in from time to time. Sign in again.")},
	{80012, N_("Signing in is not allowed at this hour. Try again later.")},
	{90002, TENANT},
	{90006, BUSY},
	{90012, BUSY},
	{90014, OUR_FAULT},
	{90024, BUSY},
	{90033, BUSY},
	{90038, N_("The directory is in another cloud. Choose the other cloud in the settings.")},
	{90055, BUSY},
	{90072, N_("This account cannot confirm its sign-in in that directory. Sign in with another account, or ask "
		   "your administrator.")},
	{90090, BUSY},
	{90094, ADMIN},
	{90095, ADMIN},
	{90100, OUR_FAULT},
	{90124, N_("This app registration is for other kinds of accounts. Enter “organizations” or the directory's ID "
		   "as the tenant.")},
	{90130, N_("This app registration is for other kinds of accounts. Enter “organizations” or the directory's ID "
		   "as the tenant.")},
	{135011, N_("The device is disabled. Ask your administrator.")},
	{500011, N_("The Graph server is not known in this directory. Check that the cloud is the right one.")},
	{500021, RESTRICTED},
	{500022, RESTRICTED},
	{500113, REDIRECT},
	{501481, OUR_FAULT},
	{501491, OUR_FAULT},
	{530032, POLICY},
	{530035, POLICY},
	{530036, N_("Your organization does not allow sign-in by a device code. Use the browser.")},
	{650052, N_("Your organization has no licence for this service. Ask your administrator.")},
	{650053, N_("The name of a permission is misspelt. Remove it from the settings.")},
	{650056, REGISTRATION},
	{650057, REGISTRATION},
	{700005, OUR_FAULT},
	{700011, CLIENT_ID},
	{700016, CLIENT_ID},
	{700022, SCOPES},
	{700025,
	 N_("This app registration is a public client and takes no secret. Clear the client secret in the settings.")},
	{700082, UNUSED},
	{700084, N_("The app registration is for web pages. Register http://localhost under “Mobile and desktop "
		    "applications” instead.")},
	{900023, TENANT},
	{900144, OUR_FAULT},
	{7000112, N_("The app registration is disabled. Ask your administrator.")},
	{7000215, BAD_SECRET},
	{7000218,
	 N_("The app registration demands a secret. Move its redirect address to “Mobile and desktop applications”, "
	    "or enter the client secret in the settings.")},
	{7000222,
	 N_("The client secret has expired. Create a new one in the app registration and enter it in the settings.")},
	{9002313, OUR_FAULT},
	{9002331, N_("This app registration is for personal accounts only. Enter “consumers” as the tenant.")},
	{9002332, N_("This app registration is for other kinds of accounts. Enter “organizations” or the directory's "
		     "ID as the tenant.")},
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
