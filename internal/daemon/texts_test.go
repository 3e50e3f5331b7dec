package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

const (
	alicesSecond    = "+33612345611"
	dominiquesPhone = "+33612345699"
)

// hears has the daemon hear a text with this provider's id.
func (w *town) hears(from, id, body string) string {
	w.t.Helper()
	reply, err := w.daemon.Load().pager.Answer(context.Background(), paging.Text{From: from, To: "+33644600000", Body: body, ProviderID: id})
	if err != nil {
		w.t.Errorf("%q: %v", body, err)
	}
	return reply
}

func (s shown) kinds(kind ticket.EntryKind) (n int) {
	for _, e := range s.Timeline {
		if e.Kind == string(kind) {
			n++
		}
	}
	return n
}

// TestATextActsOnce: it is delivered twice at once, again, after a crash, and
// to another daemon.
func TestATextActsOnce(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		var group sync.WaitGroup
		for range 2 {
			for i, body := range []string{"11 E", "11 N seen"} {
				group.Go(func() { w.hears(alicesPhone, fmt.Sprint("SM", i), body) })
			}
		}
		group.Wait()
		w.store.Fail(storetest.Once(storetest.FailAfter, "Commit")) // done, and its daemon does not know
		if reply := w.hears(alicesPhone, "SM2", "11 N twice"); !strings.Contains(reply, "PAS ENREGISTRE") {
			t.Errorf("%q", reply)
		}
		if reply := w.hears(alicesPhone, "SM2", "11 N twice"); !strings.Contains(reply, "ote ajoutee") {
			t.Errorf("again: %q", reply)
		}
		first := w.daemon.Load()
		w.at(30 * time.Second)
		stop := w.run(exampleConfig(t, w.world))
		defer stop()
		if w.daemon.Load() == first {
			t.Fatal("it is the same daemon")
		}
		if reply := w.hears(alicesPhone, "SM0", "11 E"); !strings.Contains(reply, "PASSE") {
			t.Errorf("to another daemon: %q", reply)
		}
		w.hears(alicesPhone, "SM1", "11 N seen")
		s := w.expectState(number, "open")
		if s.kinds(ticket.EntryEscalated) != 1 || s.kinds(ticket.EntryNote) != 2 || s.Step != 1 {
			t.Errorf("step %d\n%s", s.Step, timelineOf(s))
		}
		if err := first.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// TestAnOldTextIsNotOfANewEpisode: a text takes nothing if it was heard before
// the ticket was reopened, or if its phone was not paged since.
func TestAnOldTextIsNotOfANewEpisode(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "SM1", "11 E") // dominique is paged, too
		w.at(10 * time.Second)
		w.hears(alicesPhone, "SM2", "OK")
		w.expectState(number, "acknowledged")
		w.at(time.Minute)
		w.alert("resolved", "srv-db-01")
		w.at(2 * time.Minute)
		w.alert("firing", "srv-db-01")
		w.at(2*time.Minute + 10*time.Second)
		if reply := w.hears(alicesPhone, "SM2", "OK"); strings.Contains(reply, "PRIS") {
			t.Errorf("an old OK: %q", reply)
		}
		w.expectState(number, "open")
		for _, old := range []string{"11 OK", "11 GO", "11 FIN", "11 E"} {
			if reply := w.hears(dominiquesPhone, "SM3", old); !strings.Contains(reply, "rouvert") {
				t.Errorf("%q of who was not paged: %q", old, reply)
			}
		}
		if s := w.expectState(number, "open"); s.Step != 0 || s.Episode != 2 {
			t.Errorf("step %d of episode %d", s.Step, s.Episode)
		}
		w.at(2*time.Minute + 20*time.Second)
		w.hears(dominiquesPhone, "SM4", "11 OK") // dominique knows by now
		if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "dominique" {
			t.Errorf("by %s", s.AcknowledgedBy)
		}
	})
}

func TestAnOKOfTheNewEpisode(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.alert("resolved", "srv-db-01")
		late := []string{"11 OK", "OK"}
		for i, text := range late {
			w.hears(alicesPhone, fmt.Sprint("late", i), text) // it is over
		}
		w.at(time.Minute)
		w.alert("firing", "srv-db-01")
		w.at(6 * time.Minute) // a ticket that flaps pages no faster than one that is open
		w.expectCount(w.alice, 3)
		for i, text := range late {
			w.hears(alicesPhone, fmt.Sprint("late", i), text)
			w.expectState(number, "open")
		}
		w.hears(alicesPhone, "SM1", "11 OK")
		w.expectState(number, "acknowledged")
	})
}

// TestRepliesAreMeasured: a phone gets ten replies in ten minutes, one that
// says so, then none. What its texts ask for is done all the same.
func TestRepliesAreMeasured(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		for i := range ticket.MaxReplies {
			if reply := w.hears(alicesPhone, fmt.Sprint("SM", i), "?"); !strings.Contains(reply, "srv-db-01") {
				t.Errorf("reply %d: %q", i, reply)
			}
		}
		if reply := w.hears(alicesPhone, "SM-11", "?"); !strings.Contains(reply, "Trop de textes") {
			t.Errorf("the eleventh: %q", reply)
		}
		w.at(9 * time.Minute)
		if reply := w.hears(alicesPhone, "SM-12", "OK"); reply != "" {
			t.Errorf("the twelfth: %q", reply)
		}
		w.expectState(number, "acknowledged")
		w.at(10*time.Minute + 3*time.Second)
		if reply := w.hears(alicesPhone, "SM-13", "?"); !strings.Contains(reply, "srv-db-01") {
			t.Errorf("ten minutes later: %q", reply)
		}
	})
}

var aliceWithTwo = replaced(`["+33612345601"]`, `["+33612345601", "`+alicesSecond+`"]`)

// TestASecondNumber: what one phone of a person got can be answered from another.
func TestASecondNumber(t *testing.T) {
	for _, text := range []string{"11 OK", "OK"} {
		inTown(t, func(t *testing.T, w *town) {
			number := w.alert("firing", "srv-db-01")
			w.at(2 * time.Second)
			if reply := w.hears(alicesSecond, "SM1", text); !strings.Contains(reply, "11 PRIS") {
				t.Errorf("%q: %q", text, reply)
			}
			if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "alice" {
				t.Errorf("by %s", s.AcknowledgedBy)
			}
		}, aliceWithTwo)
	}
}

// TestASecondNumberWithItsOwnCodes: a code means what it means on the phone
// that sends it. A ticket whose code means another ticket there gets another
// code.
func TestASecondNumberWithItsOwnCodes(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(time.Second) // the first has its code
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		of := func(number string) (ticket.Link, int) {
			for _, c := range must(w.store.Codes(t.Context(), alicesPhone))(t) {
				if c.Ticket == number {
					return ticket.Link{Person: "alice", Source: c.Source, Ticket: number, At: time.Now()}, c.Code
				}
			}
			return ticket.Link{}, 0
		}
		w.at(2 * time.Second)
		link, _ := of(second)
		own := must(w.store.Reserve(t.Context(), ticket.Reservation{Phone: alicesSecond, Link: link}))(t)
		_, code := of(first)
		if own != 11 || code != 11 {
			t.Fatalf("codes %d and %d, want 11 on both phones", code, own)
		}
		list := w.hears(alicesSecond, "SM1", "?")
		if !strings.Contains(list, "11 ") || !strings.Contains(list, "12 ") {
			t.Errorf("the list is %q", list)
		}
		w.hears(alicesSecond, "SM2", "11 OK")
		w.expectState(second, "acknowledged")
		w.expectState(first, "open")
		w.hears(alicesSecond, "SM3", "12 OK")
		w.expectState(first, "acknowledged")
	}, aliceWithTwo)
}

// must ends the test if a call failed.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestHelpIsAnswered(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		for i, text := range []string{"aide", "AIDE!", "Help", " aiuto. ", "help ?"} {
			reply := w.hears(alicesPhone, fmt.Sprint("SM", i), text)
			if !strings.HasPrefix(reply, "11 OK = je prends") || len(reply) > 160 {
				t.Errorf("%q: %q", text, reply)
			}
		}
		if reply := w.hears("+33612349999", "SM9", "aide"); reply != "" {
			t.Errorf("a stranger is answered %q", reply)
		}
		if s := w.expectState(number, "open"); s.kinds(ticket.EntryNote) != 0 {
			t.Error(timelineOf(s))
		}
	})
}

// TestTextsLeave: what is kept of texts is deleted when it is due.
func TestTextsLeave(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "SM1", "11 N seen")
		left := func() (all []records.Record) {
			for _, home := range []string{records.House, "prometheus"} {
				for _, kind := range answer.Expiring() {
					all = append(all, must(w.store.Records().List(t.Context(), home, kind, "", 10))(t)...)
				}
			}
			return all
		}
		if n := len(left()); n != 3 { // the text, what it did, and its reply
			t.Errorf("%d records", n)
		}
		w.at(12 * time.Minute)
		for _, r := range left() {
			if due := r.Due.Sub(w.start); due < escalation.OnceFor || due > escalation.OnceFor+time.Minute || r.Kind == "replies" {
				t.Errorf("%s is kept for %s", r.Kind, due)
			}
		}
		if n := len(left()); n != 2 {
			t.Errorf("%d records after ten minutes", n)
		}
	}, aliceAlone)
}
