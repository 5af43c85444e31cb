/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-schema.h"

#include <string.h>

static const char *const message_properties[] = {"id",
						 "changeKey",
						 "categories",
						 "createdDateTime",
						 "lastModifiedDateTime",
						 "subject",
						 "body",
						 "bodyPreview",
						 "uniqueBody",
						 "from",
						 "sender",
						 "toRecipients",
						 "ccRecipients",
						 "bccRecipients",
						 "replyTo",
						 "receivedDateTime",
						 "sentDateTime",
						 "hasAttachments",
						 "importance",
						 "isRead",
						 "isDraft",
						 "isDeliveryReceiptRequested",
						 "isReadReceiptRequested",
						 "flag",
						 "conversationId",
						 "conversationIndex",
						 "internetMessageId",
						 "internetMessageHeaders",
						 "inferenceClassification",
						 "parentFolderId",
						 "webLink",
						 NULL};
static const char *const message_navigation[] = {"attachments", "extensions", "singleValueExtendedProperties",
						 "multiValueExtendedProperties", NULL};
/* API.md 4: v1.0 has no wellKnownName and no size */
static const char *const folder_properties[] = {
	"id",	    "displayName", "parentFolderId", "childFolderCount", "unreadItemCount", "totalItemCount",
	"isHidden", NULL};
static const char *const folder_navigation[] = {"childFolders",
						"messages",
						"messageRules",
						"singleValueExtendedProperties",
						"multiValueExtendedProperties",
						NULL};
static const char *const attachment_properties[] = {
	"id", "name", "contentType", "size", "isInline", "lastModifiedDateTime", NULL};
static const char *const attachment_derived[] = {"microsoft.graph.fileAttachment/contentId",
						 "microsoft.graph.fileAttachment/contentLocation",
						 "microsoft.graph.fileAttachment/contentBytes", NULL};
static const char *const attachment_navigation[] = {"microsoft.graph.itemattachment/item",
						    "microsoft.graph.itemAttachment/item", NULL};
static const char *const user_properties[] = {"id",
					      "businessPhones",
					      "displayName",
					      "givenName",
					      "jobTitle",
					      "mail",
					      "mobilePhone",
					      "officeLocation",
					      "preferredLanguage",
					      "surname",
					      "userPrincipalName",
					      "accountEnabled",
					      "city",
					      "companyName",
					      "country",
					      "department",
					      "mailNickname",
					      "otherMails",
					      "postalCode",
					      "proxyAddresses",
					      "state",
					      "streetAddress",
					      "userType",
					      NULL};
static const char *const nothing[] = {NULL};

static const struct {
	const char *type;
	const char *const *properties;
	const char *const *navigation;
} types[] = {
	{"message", message_properties, message_navigation},
	{"mailFolder", folder_properties, folder_navigation},
	{"attachment", attachment_properties, attachment_navigation},
	{"user", user_properties, nothing},
};

gboolean
sim_schema_has_property(const char *type, const char *property)
{
	if (g_str_equal(type, "attachment") && g_strv_contains(attachment_derived, property))
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		if (g_str_equal(types[i].type, type))
			return g_strv_contains(types[i].properties, property);
	}
	return FALSE;
}

gboolean
sim_schema_has_navigation(const char *type, const char *property)
{
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		if (g_str_equal(types[i].type, type))
			return g_strv_contains(types[i].navigation, property);
	}
	return FALSE;
}

SimWritable
sim_schema_get_writable(const char *property)
{
	static const char *const always[] = {"isRead",
					     "flag",
					     "categories",
					     "importance",
					     "inferenceClassification",
					     "isReadReceiptRequested",
					     "isDeliveryReceiptRequested",
					     "singleValueExtendedProperties",
					     "multiValueExtendedProperties",
					     NULL};
	static const char *const draft[] = {"subject", "body",	 "toRecipients", "ccRecipients",      "bccRecipients",
					    "from",    "sender", "replyTo",	 "internetMessageId", NULL};

	if (g_strv_contains(always, property))
		return SIM_WRITABLE_ALWAYS;
	if (g_strv_contains(draft, property))
		return SIM_WRITABLE_DRAFT;
	if (sim_schema_has_property("message", property) || sim_schema_has_navigation("message", property))
		return SIM_WRITABLE_NEVER;
	return SIM_WRITABLE_UNKNOWN;
}
