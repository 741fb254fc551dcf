//! What mail servers answer.
//!
//! Basic codes: RFC 5321 section 4.2.3, RFC 7504 (521, 556), RFC 4954 section 6
//! (authentication). Enhanced codes: RFC 3463 and the IANA registry "SMTP
//! Enhanced Status Codes". Sentences: what Postfix, Exim, Exchange, postgrey,
//! rspamd, Gmail, Outlook, Yahoo and Czech hosts say; the replies beside each
//! row are theirs, with addresses changed.

use super::row::{Row, Table, compile};
use super::{Again, Verdict};
use crate::model::Stage::{self, Auth, Connect, Data, Mail, Rcpt, Reply, Tls};

pub static TABLE: Table = Table::new(ROWS, || compile(ROWS));

const ANYWHERE: &[Stage] = &[];
const OF_THE_READER: &[Stage] = &[Rcpt, Data, Reply];
const OF_THE_MESSAGE: &[Stage] = &[Data, Reply];
const OF_US: &[Stage] = &[Connect, Tls, Auth, Mail];

type Replies = &'static [(Stage, u16, &'static str)];

/// A row without a sentence.
const fn code(
    stages: &'static [Stage],
    code: &'static str,
    status: &'static str,
    verdict: Verdict,
    heard: Replies,
) -> Row {
    Row { stages, code, status, text: "", verdict, heard }
}

/// A row by its sentence.
const fn says(code: &'static str, text: &'static str, verdict: Verdict, heard: Replies) -> Row {
    Row { stages: ANYWHERE, code, status: "", text, verdict, heard }
}

/// A row by its sentence, where the enhanced code is needed beside it.
const fn both(
    code: &'static str,
    status: &'static str,
    text: &'static str,
    verdict: Verdict,
    heard: Replies,
) -> Row {
    Row { stages: ANYWHERE, code, status, text, verdict, heard }
}

const ROWS: &[Row] = &[
    // ── Accepted ──
    code(
        &[Reply],
        "2xx",
        "",
        Verdict::accepted("the server has taken it"),
        &[(Reply, 250, "2.0.0 Ok: queued as 4F1B2C3D"), (Reply, 250, "OK id=1rXyZ-0001")],
    ),
    code(
        &[Rcpt],
        "25x",
        "",
        Verdict::accepted("the server will take it, or pass it on"),
        &[
            (Rcpt, 250, "2.1.5 Ok"),
            (Rcpt, 251, "User not local; will forward"),
            (Rcpt, 252, "2.5.2 Cannot VRFY user, but will accept"),
        ],
    ),
    // ── Not now, by the sentence ──
    says(
        "4xx",
        r"gr[ea]y-?list|postgrey|not yet authori[sz]ed to deliver",
        Verdict::deferred(Again::Soon, "greylisting: it wants to see us twice"),
        &[
            (
                Rcpt,
                450,
                "4.2.0 <a@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example.org/help; try again in 300 seconds",
            ),
            (Rcpt, 451, "4.7.1 Greylisting in action, please come back later"),
            (Rcpt, 451, "Your server has been gray-listed, try again in a few minutes"),
            (Reply, 451, "4.7.1 Greylisted, try again later"),
            (
                Rcpt,
                451,
                "192.0.2.1 is not yet authorized to deliver mail from <bounces@example.org> to <a@example.org>. Please try later.",
            ),
        ],
    ),
    says(
        "4xx",
        r"permanently deferred|\[?TS03\]",
        Verdict::ours("Yahoo takes no more mail from our address"),
        &[(
            Connect,
            421,
            "4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed",
        )],
    ),
    says(
        "4xx",
        r"\[?TSS?0[0-9]\]?|user complaints|temporarily deferred",
        Verdict::deferred(Again::Later, "Yahoo has too much mail from us, or complaints").slowing(),
        &[(
            Mail,
            421,
            "4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
        )],
    ),
    says(
        "4xx",
        r"rate[- ]?limit|unusual rate|too (many|much) (mail|messages|connections|e-?mails?|requests|commands)|exceed(ed|s).{0,40}(rate|limit|messages|connections)|(rate|limit|messages|connections).{0,40}exceed|throttl|too (fast|quickly)|at a rate that|slow down|server busy|S775|S3114",
        Verdict::deferred(Again::Later, "we send faster than it wants").slowing(),
        &[
            (
                Reply,
                421,
                "4.7.28 [192.0.2.1 15] Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.",
            ),
            (
                Rcpt,
                450,
                "4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
            ),
            (Connect, 421, "4.4.5 Server busy, try again later."),
            (Connect, 421, "too many connections from your host"),
            (
                Connect,
                451,
                "4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
            ),
            (Rcpt, 451, "4.7.500 Server busy. Please try again later from [192.0.2.1]."),
            (Rcpt, 450, "4.7.1 Error: too much mail from 192.0.2.1"),
            (Reply, 432, "4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"),
            (Rcpt, 452, "4.5.3 Sender rate limit exceeded"),
        ],
    ),
    says(
        "4xx",
        r"mail ?box.{0,30}full|quota|out of (storage|space)|storage.{0,20}(full|exceeded)|schránka.{0,30}pln",
        Verdict::deferred(Again::Later, "the mailbox is full"),
        &[
            (Rcpt, 452, "4.2.2 The email account that you tried to reach is over quota."),
            (Rcpt, 452, "4.1.1 <a@example.org> mailbox full"),
            (Rcpt, 450, "Schránka příjemce je plná"),
        ],
    ),
    says(
        "4xx",
        r"very low reputation|suspicious due to|blocked using|listed (at|by|in|on)|block(ed)? ?list|blacklist|poor reputation",
        Verdict::deferred(Again::Later, "it thinks little of our address, domain or links")
            .slowing(),
        &[
            (
                Reply,
                421,
                "4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the very low reputation of the sending domain.",
            ),
            (Rcpt, 450, "4.7.1 Client host [192.0.2.1] blocked using bl.example.org"),
        ],
    ),
    says(
        "4xx",
        r"(cannot|can ?not|could not|unable to) (find|resolve)|reverse (hostname|dns)|\bPTR\b|cannot find your",
        Verdict::deferred(Again::Later, "it cannot find our name in the DNS"),
        &[
            (
                Rcpt,
                450,
                "4.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
            ),
            (Rcpt, 450, "4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]"),
        ],
    ),
    says(
        "4xx",
        r"domain not found|unable to (verify|check)|address verification|callout",
        Verdict::deferred(Again::Usual, "it could not verify an address or domain just now"),
        &[
            (
                Rcpt,
                450,
                "4.1.1 <a@example.org>: Recipient address rejected: unverified address: Address verification in progress",
            ),
            (Mail, 450, "4.1.8 <bounces@example.org>: Sender address rejected: Domain not found"),
        ],
    ),
    // ── Never, by the sentence ──
    says(
        "5xx",
        r"permanently deferred|\[TSS?0[0-9]\]",
        Verdict::ours("Yahoo takes no more mail from our address"),
        &[(
            Mail,
            553,
            "5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.",
        )],
    ),
    says(
        "5xx",
        r"(sending|sender|hourly|daily|message|rate) (rate )?(limit|quota).{0,30}(exceeded|reached)|(exceed|reach)(ed)?.{0,30}(sending|hourly|daily|message|rate).{0,10}(limit|quota)|too many messages|tenant has exceeded",
        Verdict::ours("our allowance with this server is used up"),
        &[
            (Rcpt, 550, "5.4.5 Daily user sending limit exceeded."),
            (Mail, 550, "5.7.705 Access denied, tenant has exceeded threshold"),
            (Rcpt, 550, "5.7.1 Hourly message limit reached for this account"),
        ],
    ),
    says(
        "5xx",
        r"mail ?box.{0,30}full|over ?quota|quota exceeded|exceed(ed|s).{0,30}quota|out of storage|mailbox size limit|schránka.{0,30}pln",
        Verdict::deferred(Again::Later, "the mailbox is full, though it says never"),
        &[
            (
                Rcpt,
                552,
                "5.2.2 The email account that you tried to reach is over quota and inactive.",
            ),
            (Rcpt, 552, "5.1.1 5.2.2 sorry, final recipient mailbox is full (chkuser)"),
            (Reply, 554, "5.2.2 mailbox full"),
            (Rcpt, 550, "Mailbox quota exceeded"),
            (
                Rcpt,
                552,
                "Requested mail action aborted: exceeded storage allocation, quota exceeded",
            ),
        ],
    ),
    both(
        "550",
        "4.1",
        r"recipient address rejected: access denied",
        Verdict::refused("Exchange Online knows no such mailbox").suppressing(),
        &[(
            Rcpt,
            550,
            "5.4.1 Recipient address rejected: Access denied. [XX1EUR01FT001.eop-EUR01.prod.protection.outlook.com]",
        )],
    ),
    both(
        "550",
        "5.0",
        r"mailbox unavailable",
        Verdict::refused("Outlook knows no such mailbox").suppressing(),
        &[(Rcpt, 550, "5.5.0 Requested action not taken: mailbox unavailable (S2017062302).")],
    ),
    says(
        "5xx",
        r"organi[sz]ation policy|policy that prohibited|violates .{1,80} policy|doesn.t want your mail|blocked by (the )?(recipient|user)",
        Verdict::refused("the reader, or their organisation, does not want it"),
        &[
            (
                Reply,
                550,
                "5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
            ),
            (
                Reply,
                550,
                "5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent.",
            ),
            (Reply, 550, "5.7.1 This message violates example.com email policy. - gcdp"),
            (Rcpt, 550, "5.7.1 Recipient doesn't want your mail"),
            (
                Rcpt,
                550,
                "5.7.513 Service unavailable, Client host [192.0.2.1] blocked by recipient domain using Customer Block list",
            ),
        ],
    ),
    says(
        "5xx",
        r"relay(ing)? (access )?(is )?(denied|not (allowed|permitted))|unable to relay|not permitted to relay|we do not relay",
        Verdict::ours("this server does not relay for us"),
        &[
            (Rcpt, 554, "5.7.1 <a@example.org>: Relay access denied"),
            (Rcpt, 550, "5.7.1 Unable to relay"),
            (Rcpt, 550, "relay not permitted"),
        ],
    ),
    says(
        "5xx",
        r"\byour (account|domain|server|ip|host|network|organi[sz]ation)\b.{0,60}(disabled|suspended|blocked|denied|rejected|refused|not allowed)",
        Verdict::ours("it has shut us out"),
        &[(Rcpt, 550, "5.7.1 Your account has been disabled for sending too much")],
    ),
    says(
        "5xx",
        r"\bDMARC\b|\bDKIM\b|\bSPF\b|unauthenticated|does not have authentication information|authentication (checks|level)|sender policy",
        Verdict::ours("our mail does not prove whose it is (SPF, DKIM, DMARC)"),
        &[
            (
                Reply,
                550,
                "5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.",
            ),
            (
                Reply,
                550,
                "5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level. SPF= Fail , DKIM= Fail",
            ),
            (
                Reply,
                550,
                "5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject",
            ),
            (Rcpt, 550, "5.1.0 0bcW1i00G0jifNx01bcmHa blocked by SPF"),
            (Mail, 550, "5.7.23 SPF check failed"),
            (Reply, 550, "[SPF] 192.0.2.1 is not allowed to send mail from example.org."),
        ],
    ),
    says(
        "5xx",
        r"block(ed)? ?list|blacklist|blocklist|listed (at|by|in|on)|blocked (using|by)|S31[45]0|banned sending IP|\[BL[0-9]+\]|\bRBL\b|DNSBL|spamhaus|sorbs|access denied, (traffic|banned)",
        Verdict::ours("our address is on a block list"),
        &[
            (
                Mail,
                550,
                "5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
            ),
            (
                Rcpt,
                554,
                "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org",
            ),
            (Connect, 550, "5.7.606 Access denied, banned sending IP [192.0.2.1]"),
            (Rcpt, 550, "JunkMail rejected - mail.example.org is in an RBL on rbl.example.net"),
            (
                Mail,
                553,
                "5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in a block list",
            ),
        ],
    ),
    says(
        "5xx",
        r"\bspam\b|unsolicited|\bUCE\b|\bUBE\b|(low|bad|poor) reputation|content (rejected|refused)|refused by the scanner|suspicious|bulk mail|virus|nevyžádan",
        Verdict::ours("it takes what we send for spam"),
        &[
            (Reply, 554, "5.7.1 Message rejected as spam"),
            (Reply, 552, "5.2.0 0biL1i00V1cmcpM01biL4w spam detected"),
            (
                Reply,
                550,
                "5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.",
            ),
            (Reply, 554, "Message refused by the scanner"),
            (Reply, 554, "Zpráva byla vyhodnocena jako nevyžádaná"),
        ],
    ),
    says(
        "5xx",
        r"reverse (hostname|dns)|\bPTR\b|helo command rejected|invalid helo|(cannot|could not) find your (reverse )?host",
        Verdict::ours("it does not like our host's name, or lack of one"),
        &[
            (
                Rcpt,
                550,
                "5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
            ),
            (Mail, 550, "5.7.1 Helo command rejected: need fully-qualified hostname"),
            (
                Reply,
                550,
                "5.7.25 The IP address sending this message does not have a PTR record setup",
            ),
        ],
    ),
    says(
        "5xx",
        r"sender address rejected|sender (is )?(blacklisted|rejected|denied|not allowed)|not allowed to send|may not send|not owned by|send ?as ?denied|sender verify failed",
        Verdict::ours("we may not send with this envelope sender"),
        &[
            (
                Rcpt,
                553,
                "5.7.1 <bounces@example.org>: Sender address rejected: not owned by user desk",
            ),
            (Mail, 550, "Sender verify failed"),
            (
                Reply,
                554,
                "5.2.252 SendAsDenied; desk@example.org not allowed to send as redakce@example.org",
            ),
        ],
    ),
    says(
        "5xx",
        r"client (host |was )?(rejected|blocked|banned)|banned sender|unregistered domain",
        Verdict::ours("it takes nothing from our machine or our domain"),
        &[
            (Rcpt, 554, "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"),
            (
                Mail,
                550,
                "5.7.750 Service unavailable. Client blocked from sending from unregistered domains.",
            ),
            (Mail, 550, "5.7.501 Access refused, banned sender"),
        ],
    ),
    both(
        "5xx",
        "7.1",
        r"recipient address rejected",
        Verdict::refused("the far side takes no mail for this recipient"),
        &[(Rcpt, 554, "5.7.1 <a@example.org>: Recipient address rejected: Access denied")],
    ),
    Row {
        stages: OF_THE_READER,
        code: "5xx",
        status: "",
        text: r"(no such|unknown|invalid|non-?existent) (user|mailbox|recipient|address|account|local part)|(user|mailbox|recipient|account|address)( .{1,40})? (unknown|not found|does ?n.t exist|does not exist|not exist|could ?n.t be found|could not be found|no longer (exists|available|valid))|user doesn.t have|account (is )?(disabled|inactive|closed|has been (disabled|closed))|mailbox (is )?(disabled|inactive|closed)|not a valid (mailbox|recipient|user)|no mailbox here|neexistuje|RecipientNotFound|unrouteable address|user doesn't exist",
        verdict: Verdict::refused("there is no such mailbox").suppressing(),
        heard: &[
            (
                Rcpt,
                550,
                "5.1.1 <a@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
            ),
            (
                Rcpt,
                550,
                "5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos",
            ),
            (Rcpt, 550, "No such user here"),
            (Rcpt, 550, "Unrouteable address"),
            (
                Rcpt,
                550,
                "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@example.org not found by SMTP address lookup",
            ),
            (Rcpt, 550, "Requested action not taken: mailbox unavailable: user not found"),
            (
                Rcpt,
                550,
                "5.2.1 The email account that you tried to reach is inactive. account disabled",
            ),
            (
                Rcpt,
                554,
                "delivery error: dd This user doesn't have a yahoo.example account (a@example.org) [0]",
            ),
            (Rcpt, 550, "5.1.1 Sorry, no mailbox here by that name."),
            (Rcpt, 550, "Uživatel neexistuje"),
            (Rcpt, 550, "The email address a@example.org couldn't be found"),
            (Reply, 550, "5.1.1 User unknown"),
        ],
    },
    says(
        "5xx",
        r"recipient address rejected",
        Verdict::refused("the far side cannot use the recipient's address"),
        &[(
            Rcpt,
            504,
            "5.5.2 <a@example>: Recipient address rejected: need fully-qualified address",
        )],
    ),
    says(
        "5xx",
        r"smtputf8|internationali[sz]ed|non-?ascii|utf-?8 address",
        Verdict::refused("the address needs SMTPUTF8, which a server on the way lacks"),
        &[
            (Rcpt, 553, "5.6.7 SMTPUTF8 is required, but was not offered by host mx.example.org"),
            (Mail, 550, "5.6.7 Non-ASCII addresses not permitted"),
        ],
    ),
    says(
        "5xx",
        r"(message|mail|size).{0,30}(too (large|big)|exceeds)|(exceed(s|ed)?|larger than).{0,40}(size|maximum|limit).{0,20}(message|size|limit)?|message size",
        Verdict::refused("the message is too large for it"),
        &[
            (Mail, 552, "5.3.4 Message size exceeds fixed limit"),
            (Reply, 552, "5.3.4 Error: message file too big: message too large"),
            (Reply, 554, "5.2.3 MapiExceptionMessageSizeExceeded: message size"),
        ],
    ),
    says(
        "5xx",
        r"(must issue a |requires? )?starttls|TLS (is )?required|encryption (is )?(needed|required)",
        Verdict::ours("it wants an encrypted line"),
        &[
            (Mail, 530, "5.7.0 Must issue a STARTTLS command first"),
            (Mail, 550, "5.7.10 Encryption required"),
        ],
    ),
    says(
        "5xx",
        r"authentication (is )?(required|failed|needed|unsuccessful|credentials invalid)|not authenticated|username and password not accepted|invalid credentials|please log ?in",
        Verdict::ours("it wants us to log in, or does not know us"),
        &[
            (Mail, 530, "5.7.57 Client not authenticated to send mail"),
            (Auth, 535, "5.7.8 Username and Password not accepted."),
            (Auth, 535, "5.7.3 Authentication unsuccessful"),
            (Mail, 550, "5.1.0 piWs1j0010jifNx01iWsdh authentication failed"),
        ],
    ),
    // ── 421 and 4xx by their codes ──
    code(
        ANYWHERE,
        "421",
        "",
        Verdict::deferred(Again::Soon, "the server closes the line"),
        &[
            (Rcpt, 421, "4.3.2 Service shutting down"),
            (Connect, 421, "mx.example.org Service not available, closing transmission channel"),
        ],
    ),
    code(
        ANYWHERE,
        "421",
        "7.*",
        Verdict::deferred(Again::Later, "policy: not now").slowing(),
        &[
            (Connect, 421, "4.7.0 Try again later, closing connection."),
            (Connect, 421, "4.7.0 IP not in whitelist for RCPT domain, closing connection."),
        ],
    ),
    code(
        &[Auth, Mail],
        "454",
        "7.0",
        Verdict::deferred(Again::Usual, "it cannot check the password just now (RFC 4954)"),
        &[(Auth, 454, "4.7.0 Temporary authentication failure")],
    ),
    code(
        ANYWHERE,
        "432",
        "7.12",
        Verdict::ours("the password has to be changed first (RFC 4954)"),
        &[(Auth, 432, "4.7.12 A password transition is needed")],
    ),
    code(
        &[Tls],
        "454",
        "",
        Verdict::deferred(Again::Usual, "it has no TLS just now (RFC 3207)"),
        &[(Tls, 454, "TLS not available due to temporary reason")],
    ),
    code(
        OF_THE_READER,
        "45x",
        "2.2",
        Verdict::deferred(Again::Later, "the mailbox is full"),
        &[(Rcpt, 452, "4.2.2 please try later"), (Rcpt, 450, "4.2.2 not now")],
    ),
    code(
        OF_THE_READER,
        "45x",
        "2.1",
        Verdict::deferred(Again::Later, "the mailbox takes nothing just now"),
        &[(Rcpt, 450, "4.2.1 mailbox busy")],
    ),
    code(
        ANYWHERE,
        "45x",
        "3.1",
        Verdict::deferred(Again::Usual, "the server's disk is full"),
        &[(Mail, 452, "4.3.1 Insufficient system storage")],
    ),
    code(
        ANYWHERE,
        "45x",
        "4.*",
        Verdict::deferred(Again::Usual, "it cannot reach the next server or the DNS just now"),
        &[(Rcpt, 451, "4.4.3 Temporary lookup failure"), (Rcpt, 451, "4.4.1 no answer from host")],
    ),
    code(
        &[Rcpt],
        "452",
        "5.3",
        Verdict::deferred(Again::Soon, "enough recipients for one transaction"),
        &[(Rcpt, 452, "4.5.3 Too many recipients")],
    ),
    code(
        ANYWHERE,
        "4xx",
        "7.*",
        Verdict::deferred(Again::Usual, "policy: not now").slowing(),
        &[
            (Rcpt, 451, "4.7.1 Service unavailable - try again later"),
            (Reply, 450, "4.7.1 please try again"),
        ],
    ),
    code(
        ANYWHERE,
        "450",
        "",
        Verdict::deferred(Again::Usual, "the mailbox cannot be used just now"),
        &[
            (Rcpt, 450, "Requested mail action not taken: mailbox unavailable"),
            (Rcpt, 450, "4.2.0 in use"),
        ],
    ),
    code(
        ANYWHERE,
        "451",
        "",
        Verdict::deferred(Again::Usual, "an error at the far side"),
        &[
            (Reply, 451, "4.3.0 Error: queue file write error"),
            (Rcpt, 451, "Requested action aborted: local error in processing"),
        ],
    ),
    code(
        ANYWHERE,
        "452",
        "",
        Verdict::deferred(Again::Usual, "the far side has no room just now"),
        &[(Rcpt, 452, "Requested action not taken: insufficient system storage")],
    ),
    code(
        ANYWHERE,
        "4xx",
        "",
        Verdict::deferred(Again::Usual, "not now"),
        &[(Rcpt, 455, "Server unable to accommodate parameters"), (Reply, 499, "what")],
    ),
    // ── 5xx by their codes: of us ──
    code(
        ANYWHERE,
        "53x",
        "",
        Verdict::ours("something about logging in (RFC 4954 section 6)"),
        &[(Rcpt, 530, "Access denied"), (Auth, 535, "no")],
    ),
    code(
        ANYWHERE,
        "530",
        "7.*",
        Verdict::ours("it wants us to log in (RFC 4954 section 6)"),
        &[(Mail, 530, "5.7.0 who are you")],
    ),
    code(
        ANYWHERE,
        "534",
        "7.*",
        Verdict::ours("this way of logging in is too weak (RFC 4954 section 6)"),
        &[(Auth, 534, "5.7.9 Please use an app password")],
    ),
    code(
        ANYWHERE,
        "535",
        "7.*",
        Verdict::ours("user or password is wrong (RFC 4954 section 6)"),
        &[(Auth, 535, "5.7.8 Error: bad credentials"), (Rcpt, 535, "5.7.1 no")],
    ),
    code(
        ANYWHERE,
        "538",
        "7.*",
        Verdict::ours("this way of logging in needs encryption (RFC 4954)"),
        &[(Auth, 538, "5.7.11 encrypt first")],
    ),
    code(
        OF_US,
        "5xx",
        "",
        Verdict::ours("said before any recipient was named"),
        &[
            (Mail, 550, "bad sender"),
            (Connect, 554, "No SMTP service here"),
            (Connect, 521, "does not accept mail"),
            (Tls, 554, "no"),
        ],
    ),
    code(
        ANYWHERE,
        "50x",
        "",
        Verdict::ours("it does not understand what we say"),
        &[
            (Data, 503, "Bad sequence of commands"),
            (Data, 500, "command unrecognized"),
            (Rcpt, 504, "parameter not implemented"),
        ],
    ),
    code(
        ANYWHERE,
        "555",
        "",
        Verdict::ours("it does not know a parameter that it offered"),
        &[(Rcpt, 555, "Unsupported option")],
    ),
    // ── 5xx by their codes: of the recipient ──
    code(
        &[Rcpt],
        "501",
        "",
        Verdict::refused("it cannot read the address"),
        &[(Rcpt, 501, "Syntax error in parameters")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.0",
        Verdict::refused("something about the address"),
        &[(Rcpt, 550, "5.1.0 Address rejected.")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.1",
        Verdict::refused("there is no such mailbox").suppressing(),
        &[
            (Rcpt, 550, "5.1.1 rejected"),
            (Reply, 554, "5.1.1 bounced"),
            (Rcpt, 550, "5.1.1 szn; User hasn't got the service mapped"),
        ],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.2",
        Verdict::refused("there is no such domain").suppressing(),
        &[
            (Rcpt, 550, "5.1.2 Bad destination system address"),
            (Rcpt, 550, "5.1.2 <a@example.org>: Domain does not resolve"),
        ],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.3",
        Verdict::refused("the address is not well formed").suppressing(),
        &[(Rcpt, 501, "5.1.3 Bad recipient address syntax")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.6",
        Verdict::refused("the person has moved, without a new address").suppressing(),
        &[(Rcpt, 551, "5.1.6 Recipient no longer on server"), (Rcpt, 550, "5.1.6 moved")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "1.10",
        Verdict::refused("the domain takes no mail (null MX, RFC 7505)").suppressing(),
        &[(Rcpt, 556, "5.1.10 Recipient address has null MX"), (Rcpt, 550, "5.1.10 null MX")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "1.7",
        Verdict::ours("our sender's address is not well formed"),
        &[(Rcpt, 550, "5.1.7 Bad sender address syntax")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "1.8",
        Verdict::ours("our sender's domain does not exist, or takes no mail"),
        &[(Rcpt, 550, "5.1.8 Bad sender's system address")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "2.1",
        Verdict::refused("the mailbox is switched off").suppressing(),
        &[(Rcpt, 550, "5.2.1 not accepting")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "2.2",
        Verdict::deferred(Again::Later, "the mailbox is full, though it says never"),
        &[(Rcpt, 552, "5.2.2 no room"), (Reply, 550, "5.2.2 no")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "2.3",
        Verdict::refused("the message is too large for this mailbox"),
        &[(Rcpt, 552, "5.2.3 length")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "3.1",
        Verdict::deferred(Again::Later, "the server's disk is full, though it says never"),
        &[(Rcpt, 554, "5.3.1 no space")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "3.2",
        Verdict::deferred(Again::Later, "the server takes no mail just now, though it says never"),
        &[(Rcpt, 521, "5.3.2 System not accepting network messages")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "3.5",
        Verdict::deferred(Again::Later, "the server is set up wrongly, which somebody will mend"),
        &[(Reply, 554, "5.3.5 Local configuration error")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "3.4",
        Verdict::refused("the message is too large for the server"),
        &[(Mail, 552, "5.3.4 no"), (Reply, 554, "5.3.4 no")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "4.*",
        Verdict::refused("there is no way to this address"),
        &[
            (Rcpt, 550, "5.4.4 unable to route"),
            (Rcpt, 554, "5.4.6 Too many hops"),
            (Rcpt, 550, "5.4.1 no answer from host"),
        ],
    ),
    code(
        ANYWHERE,
        "5xx",
        "5.*",
        Verdict::ours("it does not understand what we say"),
        &[(Rcpt, 550, "5.5.1 Protocol error"), (Rcpt, 554, "5.5.1 Error: no valid recipients")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "6.7",
        Verdict::refused("the address needs SMTPUTF8, which a server on the way lacks"),
        &[(Rcpt, 550, "5.6.7 no"), (Mail, 553, "5.6.7 not offered")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "6.9",
        Verdict::refused("the headers need SMTPUTF8, which a server on the way lacks"),
        &[(Reply, 554, "5.6.9 no")],
    ),
    code(
        OF_THE_MESSAGE,
        "5xx",
        "6.*",
        Verdict::ours("it cannot carry a message like ours"),
        &[(Reply, 554, "5.6.0 Invalid header found"), (Reply, 550, "5.6.3 conversion required")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "7.*",
        Verdict::ours("policy: it does not want our mail"),
        &[(Reply, 550, "5.7.1 Command rejected"), (Reply, 554, "5.7.0 no")],
    ),
    code(
        &[Rcpt],
        "5xx",
        "7.*",
        Verdict::refused("policy: not to this recipient"),
        &[(Rcpt, 550, "5.7.1 members only"), (Rcpt, 550, "5.7.1 Command rejected")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "7.2x",
        Verdict::ours("our mail or our machine does not prove whose it is (RFC 7372, RFC 7505)"),
        &[
            (Rcpt, 550, "5.7.25 no name"),
            (Mail, 550, "5.7.27 Sender address has null MX"),
            (Reply, 550, "5.7.20 no"),
        ],
    ),
    code(
        ANYWHERE,
        "5xx",
        "7.5xx",
        Verdict::ours("Exchange Online does not trust our domain or what we send"),
        &[(Rcpt, 550, "5.7.511 no")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "7.6xx",
        Verdict::ours("Exchange Online takes nothing from our address"),
        &[(Rcpt, 550, "5.7.606 no")],
    ),
    code(
        ANYWHERE,
        "5xx",
        "7.7xx",
        Verdict::ours("Exchange Online has shut our organisation out"),
        &[(Rcpt, 550, "5.7.708 no")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.2",
        Verdict::refused("a list that we may not write to"),
        &[(Rcpt, 550, "5.7.2 mailing list expansion prohibited")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.13",
        Verdict::refused("the account is switched off").suppressing(),
        &[(Rcpt, 525, "5.7.13 off")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.17",
        Verdict::refused("the mailbox has another owner now (RFC 7293)").suppressing(),
        &[(Rcpt, 550, "5.7.17 owner has changed")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.18",
        Verdict::refused("the domain has another owner now (RFC 7293)").suppressing(),
        &[(Rcpt, 550, "5.7.18 owner has changed")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.124",
        Verdict::refused("a group of Exchange that takes mail from its own only"),
        &[(Rcpt, 550, "5.7.124 Sender not in allowed-senders list")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.129",
        Verdict::refused("a mailbox of Exchange that takes mail from its own only"),
        &[(Rcpt, 550, "5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "7.133",
        Verdict::refused("a group of Exchange that takes mail from its own only"),
        &[(Rcpt, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup")],
    ),
    code(
        OF_THE_READER,
        "550",
        "",
        Verdict::refused("not to this recipient, for a reason it keeps"),
        &[(Rcpt, 550, "rejected"), (Reply, 550, "Administrative prohibition")],
    ),
    code(
        OF_THE_READER,
        "551",
        "",
        Verdict::refused("the person is elsewhere").suppressing(),
        &[(Rcpt, 551, "User not local; please try <b@example.net>")],
    ),
    code(
        &[Rcpt],
        "552",
        "",
        Verdict::deferred(Again::Later, "no room for it, of whoever it speaks"),
        &[(Rcpt, 552, "Requested mail action aborted: exceeded storage allocation")],
    ),
    code(
        OF_THE_MESSAGE,
        "552",
        "",
        Verdict::refused("the message is too large, most likely"),
        &[(Reply, 552, "Too much data")],
    ),
    code(
        OF_THE_READER,
        "553",
        "",
        Verdict::refused("it cannot use the address"),
        &[(Rcpt, 553, "Requested action not taken: mailbox name not allowed")],
    ),
    code(
        OF_THE_MESSAGE,
        "554",
        "",
        Verdict::ours("it refused the message and says no more"),
        &[(Reply, 554, "Transaction failed"), (Data, 554, "no")],
    ),
    code(
        OF_THE_READER,
        "556",
        "",
        Verdict::refused("the domain takes no mail (RFC 7504)").suppressing(),
        &[(Rcpt, 556, "Domain does not accept mail")],
    ),
    code(
        OF_THE_READER,
        "5xx",
        "",
        Verdict::refused("never, and it says no more"),
        &[(Rcpt, 554, "Transaction failed"), (Rcpt, 571, "no"), (Reply, 599, "no")],
    ),
    // ── What is left ──
    code(
        ANYWHERE,
        "",
        "",
        Verdict::unsure("an answer that makes no sense here"),
        &[(Reply, 354, "go on"), (Reply, 199, ""), (Reply, 600, "no")],
    ),
];
