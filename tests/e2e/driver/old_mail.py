# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails of another account, to be copied into the mailbox."""

SIGNED = """From: Carol <carol@fabrikam.example>
To: Dan <dan@fabrikam.example>
Subject: Signed
Date: Thu, 05 Mar 2020 10:00:00 +0100
Message-ID: <signed@fabrikam.example>
MIME-Version: 1.0
Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary=s

--s
Content-Type: text/plain

Believe me.
--s
Content-Type: application/pgp-signature

-----BEGIN PGP SIGNATURE-----
-----END PGP SIGNATURE-----
--s--
"""


def text_mail(subject, identifier, text="", header=""):
	return (f"From: Dan <dan@fabrikam.example>\nTo: Carol <carol@fabrikam.example>\nSubject: {subject}\n"
		f"Date: Wed, 04 Mar 2020 12:00:00 +0100\nMessage-ID: <{identifier}@fabrikam.example>\n{header}"
		f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nThis is {subject}.\n{text}")
