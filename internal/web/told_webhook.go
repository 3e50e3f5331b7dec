package web

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// webhookBody is what a webhook is told (docs/REFERENCE.md#webhooks-out).
type webhookBody struct {
	ID     string     `json:"id"`
	Event  string     `json:"event"`
	At     time.Time  `json:"at"`
	Ticket ticketBody `json:"ticket"`
}

// WebhookBody is what a webhook is told of an effect: the ticket as the API's list
// showed it when the event was written down. It is the same at each try.
func WebhookBody(e *ticket.Effect) ([]byte, error) {
	body, err := json.Marshal(webhookBody{ID: e.ID(), Event: e.Event, At: e.At.UTC(), Ticket: bodyOf(&e.About, e.At)})
	if err != nil {
		return nil, fmt.Errorf("web: what a webhook is told: %w", err)
	}
	return body, nil
}
