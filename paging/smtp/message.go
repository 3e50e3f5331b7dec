package smtp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Letter is one mail.
type Letter struct {
	To      string // an address
	Subject string // one line
	Body    string // plain text
	// ID names the mail: the same one has the same Message-ID, however often it is tried.
	ID string
	// Thread names what the mail is about, so that mails about the same stand together;
	// empty: it stands alone.
	Thread string
	Date   time.Time // when it was written; zero: now
}

// pageLetter is the mail of a page.
func pageLetter(m *paging.Message) Letter {
	return Letter{
		To: m.To, Subject: m.Title, Body: m.Body,
		ID: m.Source + "\x00" + m.Key.String(), Thread: m.Source + "\x00" + m.Key.Ticket,
	}
}

// message puts a letter into the form of RFC 5322.
func (s *Sender) message(l *Letter) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(l.To)
	if err != nil || to.Address != l.To {
		return nil, fmt.Errorf("smtp: %q is no address", ticket.Logged(l.To))
	}
	if l.Date.IsZero() {
		l.Date = s.c.Now()
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&s.c.From)
	m.ToMailAddress(to)
	m.SetMessageIDWithValue(s.messageID(l.ID))
	m.SetDateWithValue(l.Date)
	m.Subject(oneLine(l.Subject))
	if l.Thread != "" {
		m.SetGenHeader(gomail.HeaderReferences, "<"+s.messageID(l.Thread)+">")
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated")        // RFC 3834, 5: no machine answers it
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All") // nor Exchange, which does not look at that
	m.SetGenHeader("X-Astreinte", "1")                        // what comes back to ourselves opens no ticket (ADR 54)
	m.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(ticket.Cut(plain(l.Body), ticket.MaxMailBody), "\n", "\r\n"))
	return m, nil
}

// messageID is what stands between the angle brackets.
func (s *Sender) messageID(of string) string {
	sum := sha256.Sum256([]byte(of))
	return hex.EncodeToString(sum[:16]) + "@" + s.domain
}

// oneLine is a subject that fits into a header.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	return ticket.Cut(s, ticket.MaxMailSubject)
}

// plain is a text of lines, without any other character of control.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// ascii says whether a mail server needs no SMTPUTF8 (RFC 6531) for an address.
func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
