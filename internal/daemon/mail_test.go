package daemon

import (
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/smtp/smtptest"
)

// letter is a mail as its reader sees it.
type letter struct{ to, subject, body string }

func (l letter) link(path string) string {
	return regexp.MustCompile(regexp.QuoteMeta(publicURL+path) + `[0-9A-Za-z]+`).FindString(l.body)
}

// withMail has a mail server beside the town, and mail in its configuration.
func withMail(t *testing.T, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	withMailFrom(t, "", f, change...)
}

// withMailFrom is withMail from then on, as inTownFrom.
func withMailFrom(t *testing.T, begins string, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	section := func(text []byte) []byte {
		return append(text, []byte("\nmail: {from: pager@example.net, smtp: {address: \"127.0.0.1\", tls: none}}\n")...)
	}
	inTownWith(t, "", func(w *town) {
		w.mails = smtptest.New(w.t, smtptest.Options{Plain: true, Open: true, Piped: true})
		if begins != "" {
			w.from(begins)
		}
	}, func(t *testing.T, w *town) {
		w.t = t
		f(t, w)
	}, append(change, section)...)
}

func byMailToo(text []byte) []byte {
	return replaced("by: [push, sms]                       # both at once", "by: [mail, sms]")(text)
}

// letters are the mails that came.
func (w *town) letters() (all []letter) {
	w.t.Helper()
	for _, m := range w.mails.Mails() {
		got, err := netmail.ReadMessage(strings.NewReader(m.Text))
		if err != nil {
			w.t.Fatal(err)
		}
		subject, err1 := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		text, err2 := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err1 != nil || err2 != nil {
			w.t.Fatal(err1, err2)
		}
		all = append(all, letter{m.To, subject, strings.ReplaceAll(string(text), "\r\n", "\n")})
	}
	return all
}

// TestAPageGoesByMail: beside the SMS, in the person's language, with a link whose button
// acknowledges, and which proves the address.
func TestAPageGoesByMail(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		w.expectCount(w.alice, 1)
		all := w.letters()
		if len(all) != 1 || all[0].to != "alice@example.net" || all[0].subject != "CRITIQUE Acme/Givrand srv-db-01 HostDown" ||
			!strings.Contains(all[0].body, "Ticket : "+number) || !strings.Contains(all[0].body, "GTI jusqu'à : 2026-11-21 04:12") || strings.Contains(all[0].body, "11 OK") ||
			!strings.Contains(all[0].body, "Étiquettes : ") || !strings.Contains(all[0].body, "alertname=HostDown") || strings.Contains(all[0].body, all[0].subject) {
			t.Fatalf("%+v", all)
		}
		path := strings.TrimPrefix(all[0].link("/a/"), publicURL)
		if code, _ := w.call(http.MethodGet, path, "", nil); code != http.StatusOK {
			t.Fatal(code)
		}
		w.expectState(number, "open") // to look at it takes nothing
		if answer := w.pressed(path, "action=acknowledge"); answer.Code != http.StatusOK {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		w.expectState(number, "acknowledged")
		w.expectProofs("alice", "mail alice@example.net link", "sms +33612345601 receipt")
	}, byMailToo)
}

// TestATestPageByMail goes there alone.
func TestATestPageByMail(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		code, answer := w.call(http.MethodPost, "/api/v1/people/alice/test", apiToken, map[string]string{"channel": "mail"})
		if code != http.StatusOK || !strings.Contains(string(answer), `"channel":"mail","address":"alice@example.net","provider":"smtp","provider_id":"\u003c`) {
			t.Errorf("%d %s", code, answer)
		}
		if all := w.letters(); len(all) != 1 || !strings.HasPrefix(all[0].subject, "TEST Astreinte 03:12") || !strings.Contains(all[0].body, "rien à faire") {
			t.Errorf("%+v", all)
		}
		w.expectCount(w.alice, 0)
	})
}

// TestAMailServerDelaysNoPage: wherever it hangs, and whatever it refuses, and with as
// many pages as the outbox can send at once. SMS go out as if there were no mail.
func TestAMailServerDelaysNoPage(t *testing.T) {
	for _, fault := range []smtptest.Fault{
		{At: smtptest.Greeting}, {At: smtptest.From}, {At: smtptest.End}, {At: smtptest.Greeting, Code: 421}, {At: smtptest.To, Code: 550}, {At: smtptest.End, Close: true},
	} {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			withMail(t, func(t *testing.T, w *town) {
				w.mails.Break(&fault)
				for i := range 100 {
					w.alert("firing", fmt.Sprintf("srv-%03d", i), "alertname", fmt.Sprintf("Down%03d", i))
				}
				w.at(5 * time.Second)
				got := 0
				for _, m := range w.alice.Messages() {
					if m.Link() != "" && m.At.Before(w.start.Add(3*time.Second)) {
						got++
					}
				}
				if got < 100 {
					t.Errorf("%d of 100 SMS within 3 s", got)
				}
			}, byMailToo, replaced("replies: same", "bundle_over: 0\n  replies: same"))
		})
	}
}

// TestAPageByMailFallsBack: who refuses it for good has the step go on, as by any channel.
func TestAPageByMailFallsBack(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		w.mails.Break(&smtptest.Fault{At: smtptest.To, Code: 550})
		number := w.alert("firing", "srv-db-01")
		w.at(10 * time.Second)
		w.expectCount(w.dominique, 1) // the second step, which would come after 15 minutes
		if said := timelineOf(w.ticket(number)); !strings.Contains(said, "550") || strings.Contains(said, "alice@") {
			t.Errorf("%s", said)
		}
	}, replaced("by: [push, sms]                       # both at once", "by: [mail]"))
}

// TestHandoversByMail: asked and confirmed by mail, and what is open comes by mail.
func TestHandoversByMail(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	withMailFrom(t, "2026-11-25 08:30", func(t *testing.T, w *town) {
		w.mails.Break(&smtptest.Fault{At: smtptest.Greeting, Code: 421}) // it is away for an hour
		w.untilParis("2026-11-25 10:00")
		if n := len(w.letters()); n != 0 {
			t.Fatalf("%d mails", n)
		}
		w.mails.Break(nil)
		w.untilParis("2026-11-25 10:30")
		all := w.letters()
		if len(all) != 1 || all[0].to != "bruno@example.net" || !strings.Contains(all[0].body, "ASTREINTE on-call") || !strings.Contains(all[0].body, "Pour confirmer, ouvrez ce lien") {
			t.Fatalf("%+v", all)
		}
		if answer := w.pressed(strings.TrimPrefix(all[0].link("/r/"), publicURL), ""); answer.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		w.expectProofs("bruno", "mail bruno@example.net link")
		w.alert("firing", "srv-db-01")
		w.untilParis("2026-11-26 09:01")
		if all = w.letters(); len(all) != 2 || all[1].to != "bruno@example.net" || all[1].subject != "Relève de on-call" || !strings.Contains(all[1].body, "Ouverts: 1") {
			t.Errorf("%+v", all)
		}
	}, replaced("    rotations:", "    readiness: {channels: [mail]}\n    rotations:"), replaced("time_zone: Europe/Paris", "time_zone: Europe/Paris\ndaily_look: off"))
}

// TestAForgottenPassword: one answer, whoever is meant; one mail; a link below public_url,
// whatever the request says; once, and not for long; other sessions end.
func TestAForgottenPassword(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		before := w.signsIn("alice")
		g := &guest{w: w}
		g.get("/sign-in", http.StatusOK, "Forgotten your password?", `action="/sign-in/forgotten"`)
		var pages []string
		for _, asked := range []string{"alice@example.net", "nobody@example.net", "dominique", strings.Repeat("x", 5000)} {
			code, page, _ := g.asks(http.MethodPost, "/sign-in/forgotten", url.Values{"name": {asked}, "next": {"/now"}})
			if code != http.StatusOK || strings.Contains(page, asked) {
				t.Errorf("%.20s: %d %s", asked, code, page)
			}
			pages = append(pages, page)
		}
		for _, page := range pages[1:] {
			if page != pages[0] {
				t.Errorf("it says %s\nand %s", pages[0], page)
			}
		}
		synctest.Wait()
		w.at(10 * time.Second)
		all := w.letters()
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		mine, other := all[0], all[1]
		if mine.to != "alice@example.net" {
			mine, other = other, mine
		}
		path := strings.TrimPrefix(mine.link("/invite/"), publicURL)
		if mine.to != "alice@example.net" || path == "" || !strings.Contains(mine.body, "Bonjour Alice Martin,") || !strings.Contains(mine.body, "2026-11-21 03:42") {
			t.Fatalf("%+v", mine)
		}
		w.expectChange("?about=session&of=alice", "sign-in page", "made")
		g.get(path, http.StatusOK)
		if code, _, to := g.asks(http.MethodPost, path, url.Values{"password": {"another sentence at night"}}); code != http.StatusSeeOther || !strings.HasSuffix(to, "/now") {
			t.Fatalf("%d %s", code, to)
		}
		if code, _, _ := before.asks(http.MethodGet, "/now", nil); code != http.StatusSeeOther {
			t.Errorf("the session from before: %d", code)
		}
		g.get(path, http.StatusNotFound)
		later := strings.TrimPrefix(other.link("/invite/"), publicURL)
		w.at(29 * time.Minute)
		g.get(later, http.StatusOK)
		w.at(31 * time.Minute)
		g.get(later, http.StatusNotFound)
	})
}

// TestAFloodOfForgottenPasswords: a person gets three mails an hour, and who asks too
// often is told to wait, as everybody else is.
func TestAFloodOfForgottenPasswords(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		g := &guest{w: w}
		codes := map[string]map[int]int{}
		for i := range 60 {
			for _, asked := range []string{"alice", "nobody"} {
				code, _, _ := g.asks(http.MethodPost, "/sign-in/forgotten", url.Values{"name": {asked}})
				if codes[asked] == nil {
					codes[asked] = map[int]int{}
				}
				codes[asked][code]++
			}
			w.at(time.Duration(i+1) * 30 * time.Second)
		}
		if fmt.Sprint(codes["alice"]) != fmt.Sprint(codes["nobody"]) || codes["alice"][http.StatusTooManyRequests] < 50 {
			t.Errorf("%v", codes)
		}
		if n := len(w.letters()); n == 0 || n > ticket.MaxForgotten {
			t.Errorf("%d mails", n)
		}
	})
}

// TestNoMailNoForm: without mail, or without passwords, nothing is asked for.
func TestNoMailNoForm(t *testing.T) {
	check := func(t *testing.T, w *town) {
		t.Helper()
		g := &guest{w: w}
		if page := g.get("/sign-in", http.StatusOK); strings.Contains(page, "/sign-in/forgotten") {
			t.Error("there is a form")
		}
		if code, _, _ := g.asks(http.MethodPost, "/sign-in/forgotten", url.Values{"name": {"alice"}}); code != http.StatusForbidden {
			t.Errorf("%d", code)
		}
	}
	t.Run("no mail", func(t *testing.T) { inTown(t, check) })
	t.Run("no passwords", func(t *testing.T) {
		withMail(t, func(t *testing.T, w *town) {
			check(t, w)
			w.at(time.Minute)
			if n := len(w.letters()); n != 0 {
				t.Errorf("%d mails", n)
			}
		}, func(text []byte) []byte { return append(text, []byte("\nsign_in: {passwords: false}\n")...) })
	})
}

// TestTheDailyLookByMail: a manager without a device is told by mail, once a day.
func TestTheDailyLookByMail(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	withMailFrom(t, "2026-11-23 07:30", func(t *testing.T, w *town) {
		told := func() (n int) {
			for _, l := range w.letters() {
				if l.to == "dominique@example.net" {
					n++
				}
			}
			return n
		}
		w.untilParis("2026-11-23 07:59")
		if n := len(w.letters()); n != 0 {
			t.Fatalf("%d mails before the morning", n)
		}
		w.untilParis("2026-11-23 08:05")
		if told() != 1 {
			t.Errorf("%+v", w.letters())
		}
		w.untilParis("2026-11-24 08:05")
		if told() != 1 {
			t.Errorf("nothing is news: %+v", w.letters())
		}
	})
}

// TestTheNightsTicketsByMail: who gets them is told by one mail when business opens.
func TestTheNightsTicketsByMail(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	withMailFrom(t, "2026-11-24 01:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-24 02:00")
		w.alert("firing", "srv-db-01")
		w.at(time.Since(w.start) + 5*time.Second)
		w.alice.ExpectSMS(t, "srv-db-01").Reply(t, "GO")
		told := func() (n int) {
			for _, l := range w.letters() {
				if l.to == "bruno@example.net" && l.subject == "Les tickets de la nuit : 1" && strings.Contains(l.body, "srv-db-01 HostDown") {
					n++
				}
			}
			return n
		}
		w.untilParis("2026-11-24 08:29")
		if told() != 0 {
			t.Errorf("%+v", w.letters())
		}
		w.untilParis("2026-11-24 08:35")
		if told() != 1 {
			t.Errorf("%+v", w.letters())
		}
	})
}

// TestADrillByMail: whoever has nothing but a mail address is asked there, and its link
// answers.
func TestADrillByMail(t *testing.T) {
	withMail(t, func(t *testing.T, w *town) {
		code, answer := w.call(http.MethodPost, "/api/v1/drills", apiToken, map[string]string{"person": "nora"})
		if code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		_, id, _ := strings.Cut(string(answer), `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		w.at(5 * time.Second)
		all := w.letters()
		if len(all) != 1 || all[0].to != "nora@example.net" || all[0].link("/r/") == "" {
			t.Fatalf("%+v", all)
		}
		if code := w.pressed(strings.TrimPrefix(all[0].link("/r/"), publicURL), "").Code; code != http.StatusSeeOther {
			t.Errorf("%d", code)
		}
		_, answer = w.call(http.MethodGet, "/api/v1/drills/"+id, apiToken, nil)
		for _, want := range []string{`{"person":"nora","answered_at":"2026-11-21T02:12:0`, `"how":"link","channel":"mail","address":"nora@example.net"`} {
			if !strings.Contains(string(answer), want) {
				t.Errorf("%s is not in %s", want, answer)
			}
		}
	}, replaced("\npeople:", "\npeople:\n  nora: {name: Nora Durand, email: nora@example.net}"))
}
