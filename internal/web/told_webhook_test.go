package web

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWebhookBody: the ticket is the one that the API's list shows, whatever the
// effect leaves out of it, and the same each time.
func TestWebhookBody(t *testing.T) {
	at := storetest.At(time.Minute)
	of := storetest.Ticket("prometheus", "I261121_0007")
	storetest.Acknowledge(&of, at)
	e := ticket.Effect{Ticket: of.Number, To: "webhook/desk", Order: ticket.EffectOrder(3, 0), Event: ticket.ToldAcknowledged, At: at, Queued: at, About: of.Shown()}
	value, err := e.Value()
	if err != nil {
		t.Fatal(err)
	}
	if e, err = ticket.ReadEffect(value); err != nil {
		t.Fatal(err)
	}
	e.Tries, e.Error = 3, "HTTP 500"
	text, err := WebhookBody(&e)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(bodyOf(&of, at))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"id": `"I261121_0007-000000000003.0000-1795230780000"`, "event": `"ticket.acknowledged"`, "at": `"2026-11-21T03:13:00Z"`, "ticket": string(shown),
	}
	for key, value := range want {
		if string(got[key]) != value {
			t.Errorf("%s is\n %s\nwant\n %s", key, got[key], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("it has %d keys", len(got))
	}
}
