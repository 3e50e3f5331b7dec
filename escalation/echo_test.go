package escalation_test

import (
	"context"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

var testMark = ticket.MarkOf("https://astreinte.example.net")

// echoOf is what a tool says of an alert when this installation acknowledged it there, or
// took that back.
func echoOf(mark ticket.Mark, number, name string, kind ticket.RemarkKind) ticket.Alert {
	a := alert(name, ticket.Firing)
	a.Remark = &ticket.Remark{Kind: kind, By: "astreinte", What: "acknowledged", Text: mark.On(number) + ": Alice has it"}
	return a
}

var bothKinds = []ticket.RemarkKind{ticket.RemarkTaken, ticket.RemarkNoted}

// TestAnEchoChangesNothing: what this daemon wrote into a tool comes back as news of the
// tool. It takes no ticket, opens none, and leaves no line, whatever has become of its
// ticket meanwhile. Nor does one that was written before marks said whose they are.
func TestAnEchoChangesNothing(t *testing.T) {
	for _, mark := range []ticket.Mark{testMark, ""} {
		writeBack(t, func(h *house) {
			number := h.post(alert("a", ticket.Firing))[0]
			still := func(state ticket.State) {
				h.t.Helper()
				for _, kind := range bothKinds {
					for _, status := range []ticket.AlertStatus{ticket.Unsaid, ticket.Firing} {
						echo := echoOf(mark, number, "a", kind)
						echo.Status = status
						before := h.view(number)
						got := h.post(echo)
						if v := h.view(number); v.Ticket.State != state || len(v.Timeline) != len(before.Timeline) || len(v.Pages) != len(before.Pages) || len(got) > 1 || len(got) == 1 && got[0] != number {
							h.t.Errorf("%q, %s %s: it is %s, %d lines of %d, tickets %v", mark, kind, status, v.Ticket.State, len(v.Timeline), len(before.Timeline), got)
						}
					}
				}
			}
			still(ticket.Open)
			h.acts(number, escalation.ActAcknowledge)
			still(ticket.Acknowledged)
			h.acts(number, escalation.ActResolve) // by hand: the tool says for long that it fires
			still(ticket.StateResolved)
			time.Sleep(20 * time.Hour) // the tool was away
			still(h.view(number).Ticket.State)
			h.acts(number, escalation.ActReopen)
			h.post(alert("a", ticket.Resolved))
			still(ticket.StateResolved)
			h.acts(number, escalation.ActClose)
			still(ticket.Closed)
			h.post(alert("a", ticket.Firing))
			if list := h.post(echoOf(mark, number, "a", ticket.RemarkTaken)); len(list) > 1 || len(list) == 1 && h.view(list[0]).Ticket.State != ticket.Open {
				h.t.Errorf("it fires again: an echo of before takes %v", list)
			}
			unknown := echoOf(mark, "I261127_9999", "zzz", ticket.RemarkTaken)
			unknown.Status = ticket.Unsaid
			if got := h.post(unknown); len(got) > 0 {
				h.t.Errorf("it opened %v", got)
			}
		})
	}
}

// TestAnEchoOfALostTicket opens one that nobody has: the store came back without the
// ticket, and the tool is quiet, because we acknowledged the alert there.
func TestAnEchoOfALostTicket(t *testing.T) {
	for _, mark := range []ticket.Mark{testMark, ""} {
		for _, kind := range bothKinds {
			writeBack(t, func(h *house) {
				paged := func(numbers []string, why string) (number string) {
					h.t.Helper()
					if len(numbers) != 1 {
						h.t.Fatalf("%s: tickets %v", why, numbers)
					}
					if v := h.view(numbers[0]); v.Ticket.State != ticket.Open || len(v.Pages) == 0 {
						h.t.Errorf("%s: it is %s with %d pages", why, v.Ticket.State, len(v.Pages))
					}
					return numbers[0]
				}
				first := paged(h.post(echoOf(mark, "I261127_0900", "a", kind)), "of an alert that nobody knows")
				if got := h.post(echoOf(mark, "I261127_0900", "a", kind)); len(got) != 1 || got[0] != first {
					h.t.Errorf("it comes twice: %v", got)
				}
				h.acts(first, escalation.ActAcknowledge)
				h.post(echoOf(mark, "I261127_0900", "a", kind))
				if v := h.view(first); v.Ticket.State != ticket.Acknowledged {
					h.t.Errorf("somebody has it by now: %s", v.Ticket.State)
				}
				h.post(alert("a", ticket.Resolved))
				time.Sleep(time.Hour)
				paged(h.post(echoOf(mark, "I261127_0901", "a", kind)), "of one whose last ticket is over")
				other := h.post(alert("other", ticket.Firing, "alertname", "Other"))[0]
				paged(h.post(echoOf(mark, other, "b", kind)), "of one whose number another ticket has by now")
			})
		}
	}
}

// TestAnotherInstallation on the same tool is like a user of it: who acknowledged there has
// it, and its marks are no echoes.
func TestAnotherInstallation(t *testing.T) {
	other := ticket.MarkOf("https://other.example.net")
	writeBack(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		h.post(echoOf(other, number, "a", ticket.RemarkNoted))
		if v := h.view(number); v.Ticket.State != ticket.Open || v.Timeline[len(v.Timeline)-1].Kind != ticket.EntryTool {
			t.Errorf("another's words: it is %s", v.Ticket.State)
		}
		h.post(echoOf(other, number, "a", ticket.RemarkTaken))
		if v := h.view(number); v.Ticket.State != ticket.Acknowledged || v.Ticket.AcknowledgedBy.Kind != ticket.ActorUser {
			t.Errorf("another's acknowledgement: it is %s by %v", v.Ticket.State, v.Ticket.AcknowledgedBy)
		}
		if got := h.backs(); got != nil {
			t.Errorf("and the tool is told: %v", got)
		}
	})
}

// TestAnEchoOfAnotherSource: two sources may hear of the same tool, which is told of the
// tickets of one of them.
func TestAnEchoOfAnotherSource(t *testing.T) {
	writeBack(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		echo := echoOf(testMark, number, "a", ticket.RemarkTaken)
		ordered, err := h.Ingest(context.Background(), ticket.Batch{Source: "bellac", Alerts: []ticket.Alert{echo}})
		if err != nil || len(ordered.Tickets) > 0 {
			t.Errorf("it opened %v, %v", ordered.Tickets, err)
		}
	})
}

// TestAnEchoWithoutTheStore: the store beside the spool knows no ticket that a tool was
// told of, and leaves echoes to the store that does.
func TestAnEchoWithoutTheStore(t *testing.T) {
	inHouse(t, func(h *house) { // its commits carry no effects
		if got := h.post(echoOf("", "I261127_0900", "a", ticket.RemarkTaken)); len(got) > 0 {
			t.Errorf("it opened %v", got)
		}
	})
}
