package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// lines counts the lines of a kind in a ticket's timeline.
func (s shown) lines(kind ticket.EntryKind) (n int) {
	for _, e := range s.Timeline {
		if e.Kind == string(kind) {
			n++
		}
	}
	return n
}

// TestAFlappingTicketStaysBounded: 300 flaps do not fill the timeline beyond
// its bound. The first and the last pages go out all the same. Whoever takes
// the ticket at the end is in the timeline.
func TestAFlappingTicketStaysBounded(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "a")
		for i := range 300 {
			w.at(time.Duration(i)*4*time.Minute + 2*time.Minute)
			w.alert("resolved", "a")
			w.at(time.Duration(i)*4*time.Minute + 4*time.Minute)
			if again := w.alert("firing", "a"); again != number {
				t.Fatalf("flap %d opened %s", i, again)
			}
		}
		w.at(1205 * time.Minute)
		s := w.ticket(number)
		if n := len(s.Timeline); n > ticket.MaxMinorEntries+ticket.MaxRuleEntries {
			t.Errorf("%d lines", n)
		}
		if s.lines(ticket.EntryFolded) != 1 || s.LeftOut < 600 || s.lines(ticket.EntryPage) < 100 {
			t.Errorf("%d left out\n%.2000s", s.LeftOut, timelineOf(s))
		}
		last := s.Pages[len(s.Pages)-1]
		if age := time.Since(last.At); age > 6*time.Minute || last.State != "delivered" {
			t.Errorf("the last page is %s old and %s", age, last.State)
		}
		code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"})
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		if s := w.expectState(number, "acknowledged"); s.Timeline[len(s.Timeline)-1].Kind != "acknowledged" {
			t.Errorf("it ends in %v", s.Timeline[len(s.Timeline)-1])
		}
	})
}

// TestManyNotesByOneLink: of 200 notes of 60 kB the first are kept, and cut.
// The others are refused in words. The link does everything else as before.
func TestManyNotesByOneLink(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "a")
		w.at(2 * time.Second)
		sms := w.alice.ExpectSMS(t, "HostDown")
		path := strings.TrimPrefix(sms.Link(), publicURL)
		refused := 0
		for i := range 200 {
			form := url.Values{"action": {"note"}, "text": {fmt.Sprint(i, strings.Repeat(" word", 12_000))}}
			switch answer := w.pressed(path, form.Encode()); answer.Code {
			case http.StatusOK:
			case http.StatusConflict:
				if refused++; !strings.Contains(answer.Body.String(), "too_many_notes") {
					t.Fatalf("%s", answer.Body)
				}
			default:
				t.Fatalf("%d %.200s", answer.Code, answer.Body)
			}
		}
		view, err := w.store.View(t.Context(), number)
		if err != nil || refused != 200-ticket.MaxNotes {
			t.Fatalf("%d notes are refused: %v", refused, err)
		}
		record, err1 := json.Marshal(view.Ticket)
		timeline, err2 := json.Marshal(view.Timeline)
		if err1 != nil || err2 != nil || len(record) > 10<<10 || len(timeline) > ticket.MaxNotes*(ticket.MaxEntryText+300) {
			t.Errorf("the ticket has %d bytes, its timeline %d", len(record), len(timeline))
		}
		if reply := sms.Reply(t, "and another note"); reply != "11: note NON gardee, ce ticket en a deja 100" {
			t.Errorf("%q", reply)
		}
		if answer := w.pressed(path, "action=acknowledge"); answer.Code != http.StatusOK {
			t.Errorf("%d %.200s", answer.Code, answer.Body)
		}
		if s := w.expectState(number, "acknowledged"); s.lines(ticket.EntryAcknowledged) != 1 || s.lines(ticket.EntryNote) != ticket.MaxNotes {
			t.Errorf("%.2000s", timelineOf(s))
		}
	})
}

// TestAProviderThatIsDownFillsNoTimeline: a page is tried for hours. Only its
// first tries and its end have a line.
func TestAProviderThatIsDownFillsNoTimeline(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Status: 503})
		number := w.alert("firing", "a")
		w.at(12 * time.Hour)
		w.world.ClearFaults()
		w.at(13*time.Hour + time.Minute)
		s, perPage := w.ticket(number), map[string]int{}
		for _, e := range s.Timeline {
			if perPage[e.Page]++; e.Page != "" && perPage[e.Page] > ticket.PageEntries {
				t.Fatalf("%s has %d lines", e.Page, perPage[e.Page])
			}
		}
		if n := len(s.Timeline); n > ticket.MaxEntries || s.lines(ticket.EntryFolded) != 1 {
			t.Errorf("%d lines", n)
		}
		if last := s.Pages[len(s.Pages)-1]; last.State != "delivered" {
			t.Errorf("the last page is %s", last.State)
		}
	})
}
