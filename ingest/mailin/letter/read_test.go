package letter

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

func lines(text string) []byte { return []byte(strings.ReplaceAll(text, "\n", "\r\n")) }

// TestOddMails: of nothing that comes as a mail is anything lost that somebody
// would read.
func TestOddMails(t *testing.T) {
	shiftJIS := "\x83T\x81[\x83o\x81[" // サーバー
	for _, c := range []struct{ name, raw, subject, text, attached string }{
		{"plain", "Subject: a\n\nb\n", "a", "b", ""},
		{"UTF-8 in the header that nobody encoded", "Subject: n\u00b01 é\n\nn\u00b01\n", "n°1 é", "n°1", ""},
		{"Latin-1 in the header", "Subject: n\xb01\n\nn\xb01\n", "n°1", "n°1", ""},
		{"Shift-JIS, said by the text", "Subject: " + shiftJIS + "\nContent-Type: text/plain; charset=Shift_JIS\n\n" + shiftJIS, "サーバー", "サーバー", ""},
		{"Shift-JIS in words", "Subject: =?Shift_JIS?B?" + base64.StdEncoding.EncodeToString([]byte(shiftJIS)) + "?=\n\n", "サーバー", "", ""},
		{"words that nothing parts", "Subject: =?utf-8?Q?a=C3=A9?==?utf-8?Q?b?=\n\nx", "aéb", "x", ""},
		{"a word that is none", "Subject: =?utf-8?B?***?= DOWN\n\nx", "=?utf-8?B?***?= DOWN", "x", ""},
		{"a charset that nobody knows", "Subject: =?x-none?Q?down?=\nContent-Type: text/plain; charset=x-none\n\nx", "down", "x", ""},
		{"a folded subject", "Subject: a\n b\n\tc\n\nx", "a b c", "x", ""},
		{"no subject", "From: a@example.net\n\nb\n", "", "b", ""},
		{"no header", "the server is down\n", "", "the server is down", ""},
		{"no empty line", "Subject: a\nthe server is down\n", "a", "the server is down", ""},
		{"a mailbox's entry", "From a@example.net Sat Nov 21\nSubject: a\n\nb", "a", "b", ""},
		{"HTML alone", "Subject: a\nContent-Type: text/html\n\n<html><head><title>t</title><style>p{}</style></head><body><p>Disk&nbsp;full</p><!-- x --><table><tr><td>srv</td><td>91&nbsp;%</td></tr></table></body></html>", "a", "Disk full\n\n srv 91 %", ""},
		{"HTML that ends anywhere", "Subject: a\nContent-Type: text/html\n\n<p>x<b", "a", "x", ""},
		{"base64", "Subject: a\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("down")), "a", "down", ""},
		{"base64 that is none", "Subject: a\nContent-Transfer-Encoding: base64\n\n%%%%", "a", "%%%%", ""},
		{"quoted-printable", "Subject: a\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=iso-8859-1\n\nn=B01=\n!", "a", "n°1!", ""},
		{"both forms", "Subject: a\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/html\n\n<p>h</p>\n--x\nContent-Type: text/plain\n\np\n--x--\n", "a", "p", ""},
		{"winmail.dat", "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Disposition: attachment; filename=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+\n--x--\n", "a", "text", "winmail.dat"},
		{"an invitation", "Subject: a\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nSUMMARY:b\nEND:VCALENDAR\n", "a", "BEGIN:VCALENDAR\nSUMMARY:b\nEND:VCALENDAR", ""},
		{"a forward of a forward", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nSubject: Fwd\nContent-Type: message/rfc822\n\nSubject: DOWN\n\ninner\n--x--\n", "Fwd", "Fwd\nDOWN\ninner", ""},
		{"an attachment alone", "Subject: a\nContent-Type: application/pdf; name=\"r.pdf\"\nContent-Disposition: attachment\n\n%PDF", "a", "", "r.pdf"},
		{"a boundary that never comes", "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\nthe text\n", "a", "the text", ""},
		{"no boundary", "Subject: a\nContent-Type: multipart/mixed\n\nthe text\n", "a", "the text", ""},
		{"a type that is none", "Subject: a\nContent-Type: ;;;=\n\nthe text\n", "a", "the text", ""},
		{"not closed", "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nthe text\n", "a", "the text", ""},
		{"control characters", "Subject: a\x00\x1b[31mb\n\nx\x07y\x00", "a [31mb", "xy", ""},
	} {
		l, err := Read(lines(c.raw))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if l.Subject != c.subject || l.Text != c.text || strings.Join(l.Attached, ",") != c.attached {
			t.Errorf("%s: %q, %q, %q", c.name, l.Subject, l.Text, l.Attached)
		}
	}
	for _, raw := range []string{"", "\r\n", "\r\n\r\n  \r\n"} {
		if _, err := Read([]byte(raw)); err == nil {
			t.Errorf("%q is a mail", raw)
		}
	}
}

// TestHead: who wrote, when, and the rest of the header.
func TestHead(t *testing.T) {
	l, err := Read(lines("From: =?utf-8?Q?Ren=C3=A9?= <Rene@Example.net>\nTo: a@example.net, B <b@example.net>\nDate: Sat, 21 Nov 2026 18:22:30 +0100 (CET)\nMessage-ID: <x@y>\nReceived: a\nReceived: b\nX-Site: Givrand\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l.From != "rene@example.net" || l.FromName != "René" || strings.Join(l.To, " ") != "a@example.net b@example.net" || l.ID != "x@y" || l.Hops != 2 ||
		l.Headers["x-site"] != "Givrand" || l.Headers["received"] != "a\nb" || !l.Date.Equal(time.Date(2026, 11, 21, 17, 22, 30, 0, time.UTC)) {
		t.Errorf("%+v", l)
	}
	for value, want := range map[string]string{"nagios": "nagios", "nagios@srv (Nagios)": "nagios@srv", "<<a@b>>": "a@b", "a@b, c@d": "a@b", "": ""} {
		if _, got := address(value, ""); got != want {
			t.Errorf("%q is from %q", value, got)
		}
	}
}

// hostile are mails that cost as much as a mail can.
func hostile(size int) map[string][]byte {
	fill := func(begin, each, end string) []byte {
		n := max((size-len(begin)-len(end))/len(each), 1)
		return []byte(begin + strings.Repeat(each, n) + end)
	}
	deep := &bytes.Buffer{}
	deep.WriteString("Subject: a\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n")
	for i := 0; deep.Len() < size; i++ {
		fmt.Fprintf(deep, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	return map[string][]byte{
		"parts":           fill("Subject: a\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", "--x\r\n\r\ny\r\n", "--x--\r\n"),
		"deep":            deep.Bytes(),
		"same boundary":   fill("Subject: a\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", "--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", ""),
		"fields":          fill("Subject: a\r\n", "X-Bomb: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", "\r\ntext"),
		"one field":       fill("X: ", "yyyyyyyyyyyyyyyy", "\r\nSubject: a\r\n\r\ntext"),
		"folds":           fill("X: ", "y\r\n ", "\r\nSubject: a\r\n\r\ntext"),
		"words":           fill("Subject: a", "=?utf-8?Q?=41?=", "\r\n\r\ntext"),
		"receivers":       fill("Subject: a\r\nTo: ", "a@b.example.net,", "\r\n\r\ntext"),
		"a type":          fill("Subject: a\r\nContent-Type: text/plain", "; a=\"\\\"b\"", "\r\n\r\ntext"),
		"base64":          fill("Subject: a\r\nContent-Transfer-Encoding: base64\r\n\r\n", strings.Repeat("QUFB", 19)+"\r\n", ""),
		"HTML":            fill("Subject: a\r\nContent-Type: text/html\r\n\r\n", "<div><table><b>", ""),
		"open tags":       fill("Subject: a\r\nContent-Type: text/html\r\n\r\n", "<", ""),
		"UTF-7":           fill("Subject: a\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n", "+AGE-", ""),
		"forwards":        fill("Subject: a\r\n", "Content-Type: message/rfc822\r\n\r\n", ""),
		"line ends":       fill("Subject: a\r\n\r\n", "\r\n", ""),
		"dashes":          fill("Subject: a\r\nContent-Type: multipart/mixed; boundary=-\r\n\r\n", "--", ""),
		"a line":          fill("Subject: a\r\n\r\n", "x", ""),
		"quoted":          fill("Subject: a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "=41=\r\n", ""),
		"charset in HTML": fill("Subject: a\r\nContent-Type: text/html\r\n\r\n", "<meta charset=x>", ""),
	}
}

// TestATextAfterAnAttachment is read, however long that is.
func TestATextAfterAnAttachment(t *testing.T) {
	raw := "Subject: a\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(strings.Repeat("QUFB", 19)+"\r\n", 100_000) + "QUFB\r\n--x\r\nContent-Type: text/plain\r\n\r\nthe text\r\n--x--\r\n"
	l, err := Read([]byte(raw))
	if err != nil || l.Text != "the text" || strings.Join(l.Attached, ",") != "p.png" {
		t.Errorf("%+v, %v", l, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, raw := range hostile(4 << 10) {
		f.Add(raw)
	}
	files, err := filepath.Glob("../../testdata/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Read(raw)
		if err != nil {
			return
		}
		for _, text := range append([]string{l.From, l.FromName, l.Subject, l.Text, l.ID}, l.Attached...) {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r") {
				t.Errorf("%q", text)
			}
		}
		if strings.ContainsAny(l.Subject+l.From, "\n") || len(l.Text) > ticket.MaxLetterText {
			t.Errorf("%q, %d bytes", l.Subject, len(l.Text))
		}
	})
}

// BenchmarkRead is what reading a tool's mail costs.
func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"nagios-mail-service-problem.eml", "alertmanager-mail-firing.eml"} {
		raw, err := os.ReadFile("../../testdata/" + name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
