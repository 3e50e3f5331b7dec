package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging/smtp/smtptest"
)

// inTownOfEvidence has an archive and a mail server, and two addresses to which heads go.
func inTownOfEvidence(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	archived := withArchive(t)
	inTownWith(t, "", func(w *town) {
		archived(w)
		w.mails = smtptest.New(w.t, smtptest.Options{Plain: true, Open: true, Piped: true})
	}, func(t *testing.T, w *town) {
		w.t = t
		f(t, w)
	}, replaced("time_zone: Europe/Paris", "time_zone: Europe/Paris\ndaily_look: off\nevidence_to: [audit@acme.example, preuves@example.net]\n"+
		"mail: {from: pager@example.net, smtp: {address: \"127.0.0.1\", tls: none}}"))
}

// evidenceMails are the mails of heads that came to an address.
func (w *town) evidenceMails(to string) (all []letter) {
	w.t.Helper()
	for _, l := range w.letters() {
		if l.to == to && strings.HasPrefix(l.subject, "Empreinte du ") {
			all = append(all, l)
		}
	}
	return all
}

// heads are those that the town's archive has.
func (w *town) heads() []archive.Head {
	w.t.Helper()
	a := w.openArchive()
	defer func() { _ = a.Close() }()
	heads, err := a.LastHeads(w.t.Context(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return heads
}

// TestHeadsAreMailed: each once to each address, an hour after its day, whatever the mail
// server does; with those before it; and by a daemon that did not make it, if the one that
// did was killed before it recorded the mail.
func TestHeadsAreMailed(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownOfEvidence(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.act(number, "resolve", map[string]any{"person": "alice"})
		w.mails.Break(&smtptest.Fault{At: smtptest.Greeting, Code: 421})
		w.at(25 * time.Hour)
		if all := w.evidenceMails("audit@acme.example"); len(all) != 0 {
			t.Fatalf("the mail server is away: %+v", all)
		}
		w.mails.Break(nil)
		w.at(26 * time.Hour)
		heads := w.heads()
		if len(heads) != 1 {
			t.Fatalf("%+v", heads)
		}
		for _, to := range []string{"audit@acme.example", "preuves@example.net"} {
			all := w.evidenceMails(to)
			if len(all) != 1 || all[0].subject != "Empreinte du 2026-11-21 : "+heads[0].Head ||
				!strings.Contains(all[0].body, "\nastreinte verify --head "+heads[0].Head+"\n") || !strings.Contains(all[0].body, publicURL) ||
				!strings.Contains(all[0].body, "(1)") || !strings.Contains(all[0].body, "aucun encore") {
				t.Fatalf("%s: %+v", to, all)
			}
		}
		w.alert("firing", "srv-web-02")
		w.at(30 * time.Hour)
		w.killedBeforeTheMail("audit@acme.example")
		w.at(60 * time.Hour)
		heads = w.heads()
		all := w.evidenceMails("audit@acme.example")
		if len(heads) != 2 || len(all) != 2 || !strings.Contains(all[1].subject, heads[1].Head) || !strings.Contains(all[1].body, "2026-11-21  "+heads[0].Head) {
			t.Fatalf("%+v %+v", heads, all)
		}
	})
}

// killedBeforeTheMail has another daemon make the head of the day, and die at once.
func (w *town) killedBeforeTheMail(to string) {
	w.t.Helper()
	w.archiveAway.Store(true)
	w.at(55 * time.Hour)
	w.archiveAway.Store(false)
	a := w.openArchive()
	made, err := a.CloseDays(w.t.Context())
	if err != nil || len(made) != 1 {
		w.t.Fatalf("%+v %v", made, err)
	}
	if err := a.Close(); err != nil {
		w.t.Fatal(err)
	}
	if all := w.evidenceMails(to); len(all) != 1 {
		w.t.Fatalf("before: %+v", all)
	}
}

// TestAnotherPastIsMailed: if the archive has another head than the one that was mailed, it
// goes out as it is now. An address that is new has the newest head alone.
func TestAnotherPastIsMailed(t *testing.T) {
	inTownOfEvidence(t, func(t *testing.T, w *town) {
		d := w.daemon.Load()
		heads := []archive.Head{{Day: "2026-11-18", Tickets: 1, Head: "aa"}, {Day: "2026-11-19", Tickets: 2, Head: "bb"}, {Day: "2026-11-20", Tickets: 3, Head: "cc"}}
		const to = "audit@acme.example"
		count := func(what string, want int) {
			t.Helper()
			w.at(time.Since(w.start) + time.Minute)
			if all := w.evidenceMails(to); len(all) != want {
				t.Errorf("%s: %d, want %d: %+v", what, len(all), want, all)
			}
		}
		d.mailHeads(t.Context(), heads[:2])
		count("the newest", 1)
		d.mailHeads(t.Context(), heads[:2])
		d.headsSaid = "" // it starts anew
		d.mailHeads(t.Context(), heads[:2])
		count("again", 1)
		d.mailHeads(t.Context(), heads)
		count("the next", 2)
		heads[1].Head, heads[2].Head = "dd", "ee"
		d.mailHeads(t.Context(), heads)
		count("another past", 5) // aa was not mailed either
		d.mailHeads(t.Context(), heads[:1])
		count("an older archive", 5)
		list, err := d.records.List(t.Context(), records.House, kindEvidence, "", 10)
		if err != nil || len(list) != 2 {
			t.Errorf("%+v %v", list, err)
		}
	})
}
