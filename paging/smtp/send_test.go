package smtp_test

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/smtp"
	"github.com/astreinte/astreinte/paging/smtp/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var from = netmail.Address{Name: "Astreinte été", Address: "pager@example.net"}

// account is an account with a server of a test.
func account(t *testing.T, s *smtptest.Server, edit func(c *smtp.Config)) *smtp.Sender {
	t.Helper()
	c := smtp.Config{Address: s.Address, Roots: s.Roots, User: smtptest.User, Password: smtptest.Password, From: from, Hello: "astreinte.example.net"}
	if edit != nil {
		edit(&c)
	}
	sender, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func aPage() paging.Message {
	return paging.Message{
		Key:    ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: paging.WayMail},
		Source: "prometheus", Urgency: ticket.Critical, To: "alice@example.net",
		Title: "CRITIQUE Acmé/Givrand srv-db-01", Body: "Où : Acmé\nhttps://astreinte.example.net/a/" + strings.Repeat("x", 90) + "\n.\n..\n",
	}
}

// read takes a mail apart, as a mail reader does.
func read(t *testing.T, m smtptest.Mail) (h netmail.Header, subject, body string) {
	t.Helper()
	got, err := netmail.ReadMessage(strings.NewReader(m.Text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	if e := got.Header.Get("Content-Transfer-Encoding"); e != "quoted-printable" {
		t.Errorf("the text is encoded as %q", e)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	return got.Header, subject, strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestAPageByMail: by STARTTLS or by TLS from the first byte, with a password, as a mail
// reader reads it.
func TestAPageByMail(t *testing.T) {
	for _, c := range []struct {
		name string
		o    smtptest.Options
		tls  string
		user bool
	}{
		{"starttls, where nothing is said", smtptest.Options{}, "", true},
		{"implicit", smtptest.Options{Implicit: true}, smtp.Implicit, true},
		{"none, with a password on this machine", smtptest.Options{Plain: true}, smtp.None, true},
		{"none, to whoever takes it", smtptest.Options{Plain: true, Open: true}, smtp.None, false},
		{"starttls, without a password", smtptest.Options{Open: true}, smtp.StartTLS, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := smtptest.New(t, c.o)
			sender := account(t, server, func(s *smtp.Config) {
				s.TLS = c.tls
				if !c.user {
					s.User, s.Password = "", ""
				}
			})
			page := aPage()
			r := sender.Send(t.Context(), page)
			if r.Class != paging.Accepted || r.ProviderID == "" || r.Error() != "" {
				t.Fatalf("%+v", r)
			}
			mails := server.Mails()
			if len(mails) != 1 || mails[0].From != "pager@example.net" || mails[0].To != "alice@example.net" || mails[0].TLS != (c.tls != smtp.None) || (mails[0].User != "") != c.user {
				t.Fatalf("%+v", mails)
			}
			h, subject, body := read(t, mails[0])
			if subject != page.Title || body != page.Body {
				t.Errorf("subject %q, text %q", subject, body)
			}
			for name, want := range map[string]string{
				"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Message-Id": r.ProviderID, "To": "<alice@example.net>",
				"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "", "X-Mailer": "",
			} {
				if h.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, h.Get(name), want)
				}
			}
			if a, err := h.AddressList("From"); err != nil || *a[0] != from {
				t.Errorf("from %v, %v", a, err)
			}
			if _, err := h.Date(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTheSamePageIsTheSameMail: what is sent again because nobody knows what became of it
// has the same Message-ID; another round has another one, and the same thread.
func TestTheSamePageIsTheSameMail(t *testing.T) {
	server := smtptest.New(t, smtptest.Options{})
	sender, page := account(t, server, nil), aPage()
	server.Break(&smtptest.Fault{At: smtptest.End, Close: true})
	if r := sender.Send(t.Context(), page); r.Class != paging.OutcomeUnknown || r.Code != "unclear" {
		t.Errorf("closed after the text: %+v", r)
	}
	server.Break(nil)
	page.Body = "the link in it is another one"
	for _, round := range []int{0, 1} {
		page.Key.Round = ticket.Round(round)
		if r := sender.Send(t.Context(), page); r.Class != paging.Accepted {
			t.Errorf("round %d: %+v", round, r)
		}
	}
	var ids, threads []string
	for _, m := range server.Wait(t, 3) {
		h, _, _ := read(t, m)
		ids, threads = append(ids, h.Get("Message-Id")), append(threads, h.Get("References"))
	}
	if ids[0] != ids[1] || ids[1] == ids[2] || threads[0] != threads[2] || threads[0] == "" {
		t.Errorf("ids %q, threads %q", ids, threads)
	}
}

// TestAnswersOfMailServers: each place, each sort of answer.
func TestAnswersOfMailServers(t *testing.T) {
	for _, c := range []struct {
		fault smtptest.Fault
		class paging.Class
		code  string
	}{
		{smtptest.Fault{At: smtptest.Greeting, Code: 421}, paging.Transient, "421"},
		{smtptest.Fault{At: smtptest.Greeting, Code: 554}, paging.DeadAccount, "554"},
		{smtptest.Fault{At: smtptest.Greeting, Close: true}, paging.Transient, "network"},
		{smtptest.Fault{At: smtptest.Auth, Code: 535}, paging.DeadAccount, "535"},
		{smtptest.Fault{At: smtptest.Auth, Code: 454}, paging.Transient, "454"},
		{smtptest.Fault{At: smtptest.From, Code: 421}, paging.Transient, "421"},
		{smtptest.Fault{At: smtptest.From, Code: 550}, paging.DeadAccount, "550"},
		{smtptest.Fault{At: smtptest.From, Close: true}, paging.Transient, "network"},
		{smtptest.Fault{At: smtptest.To, Code: 450}, paging.Transient, "450"},
		{smtptest.Fault{At: smtptest.To, Code: 550}, paging.DeadAddress, "550"},
		{smtptest.Fault{At: smtptest.To, Code: 530}, paging.DeadAccount, "530"},
		{smtptest.Fault{At: smtptest.To, Close: true}, paging.Transient, "network"},
		{smtptest.Fault{At: smtptest.End, Code: 451}, paging.Transient, "451"},
		{smtptest.Fault{At: smtptest.End, Code: 554}, paging.Filtered, "554"},
		{smtptest.Fault{At: smtptest.End, Close: true}, paging.OutcomeUnknown, "unclear"},
	} {
		t.Run(fmt.Sprintf("%+v", c.fault), func(t *testing.T) {
			server := smtptest.New(t, smtptest.Options{})
			server.Break(&c.fault)
			r := account(t, server, nil).Send(t.Context(), aPage())
			if r.Class != c.class || r.Code != c.code || !r.Known || strings.Contains(r.Detail, "alice@") {
				t.Errorf("%+v, want %s %s", r, c.class, c.code)
			}
			if r.TooFast != (c.fault.At == smtptest.To && c.class == paging.Transient && c.fault.Code > 0) {
				t.Errorf("too fast: %v", r.TooFast)
			}
		})
	}
}

// TestAMailServerThatHangs: wherever it hangs, the context's end is the mail's. After the
// text nobody knows whether it has it.
func TestAMailServerThatHangs(t *testing.T) {
	for _, at := range []smtptest.Place{smtptest.Greeting, smtptest.Auth, smtptest.From, smtptest.To, smtptest.Text, smtptest.End} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			server := smtptest.New(t, smtptest.Options{})
			server.Break(&smtptest.Fault{At: at})
			ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer stop()
			began := time.Now()
			r := account(t, server, nil).Send(ctx, aPage())
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			want := paging.Transient
			if at == smtptest.Text || at == smtptest.End { // DATA is answered by the library before the server's own code runs
				want = paging.OutcomeUnknown
			}
			if r.Class != want {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestWhatIsNoMailServer: certificates of others, no TLS where it is wanted, nothing there.
func TestWhatIsNoMailServer(t *testing.T) {
	server, plain := smtptest.New(t, smtptest.Options{}), smtptest.New(t, smtptest.Options{Plain: true})
	stranger := smtptest.New(t, smtptest.Options{})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for _, c := range []struct {
		name  string
		edit  func(c *smtp.Config)
		class paging.Class
		code  string
	}{
		{"a certificate that nobody has signed", func(c *smtp.Config) { c.Roots = stranger.Roots }, paging.DeadAccount, "certificate"},
		{"another password", func(c *smtp.Config) { c.Password = "wrong" }, paging.DeadAccount, "535"},
		{"no password", func(c *smtp.Config) { c.User = "" }, paging.DeadAccount, "502"},
		{"no STARTTLS", func(c *smtp.Config) { c.Address = plain.Address }, paging.DeadAccount, "unable"},
		{"TLS too early", func(c *smtp.Config) { c.TLS = smtp.Implicit }, paging.DeadAccount, "no_tls"},
		{"nobody there", func(c *smtp.Config) { c.Address = closed.Addr().String() }, paging.Transient, "network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := account(t, server, c.edit).Send(t.Context(), aPage()); r.Class != c.class || r.Code != c.code {
				t.Errorf("%+v, want %s %s", r, c.class, c.code)
			}
			if n := len(server.Mails()) + len(plain.Mails()); n > 0 {
				t.Errorf("%d mails went out", n)
			}
		})
	}
}

// TestNoHeaderIsForged: what alerts and names say stays inside its header.
func TestNoHeaderIsForged(t *testing.T) {
	server := smtptest.New(t, smtptest.Options{})
	sender := account(t, server, nil)
	for _, c := range []struct{ to, title, body string }{
		{"alice@example.net", "HostDown\r\nBcc: eve@example.net\r\n\r\nhello", "a\r\n.\r\nMAIL FROM:<eve@example.net>\r\n"},
		{"alice@example.net", "HostDown\nX-Evil: 1\x00\x1b[31m", "\xff\xfe text \x00"},
		{"alice@example.net", strings.Repeat("é", 5000), strings.Repeat("y", 1<<20)},
	} {
		page := aPage()
		page.To, page.Title, page.Body = c.to, c.title, c.body
		if r := sender.Send(t.Context(), page); r.Class != paging.Accepted {
			t.Fatalf("%+v", r)
		}
	}
	mails := server.Wait(t, 3)
	for _, m := range mails {
		h, subject, body := read(t, m)
		if h.Get("Bcc") != "" || h.Get("X-Evil") != "" || m.To != "alice@example.net" || strings.ContainsAny(subject, "\r\n\x00\x1b") || strings.ContainsAny(body, "\x00") {
			t.Errorf("%q %q %v", subject, body, h)
		}
		if len(subject) > ticket.MaxMailSubject || len(body) > ticket.MaxMailBody+2 {
			t.Errorf("%d bytes of subject, %d of text", len(subject), len(body))
		}
	}
	for _, to := range []string{"", "alice", "alice@example.net>\r\nRCPT TO:<eve@example.net", "Alice <alice@example.net>", "alice@example.net, eve@example.net"} {
		page := aPage()
		page.To = to
		if r := sender.Send(t.Context(), page); r.Class != paging.DeadAddress {
			t.Errorf("%q: %+v", to, r)
		}
	}
	if n := len(server.Mails()); n != len(mails) {
		t.Errorf("%d mails went out", n)
	}
}

// TestAMailServerHasFewPages: while it has eight, others come back at once.
func TestAMailServerHasFewPages(t *testing.T) {
	server := smtptest.New(t, smtptest.Options{})
	server.Break(&smtptest.Fault{At: smtptest.To})
	sender := account(t, server, nil)
	ctx, stop := context.WithCancel(t.Context())
	var with sync.WaitGroup
	results := make(chan paging.Result, 20)
	for range 20 {
		with.Go(func() { results <- sender.Send(ctx, aPage()) })
	}
	for range 12 {
		if r := <-results; r.Class != paging.Transient || r.Code != "busy" || r.RetryAfter == 0 || !r.TooFast {
			t.Errorf("%+v", r)
		}
	}
	stop()
	with.Wait()
	if tries := server.Tries(); tries > 8 {
		t.Errorf("%d connections", tries)
	}
}
