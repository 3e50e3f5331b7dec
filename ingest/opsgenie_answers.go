package ingest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Knower says what is known of an alert.
type Knower interface {
	// Known finds an alert of a source with its ticket. It is false if nothing is
	// known of it.
	Known(ctx context.Context, source, fingerprint string) (Known, bool, error)
	// List calls for alerts of a source, those of the newest tickets first, until it
	// is told to stop. What is over is known of the newest tickets alone.
	List(ctx context.Context, source string, which Which, do func(*Known) (more bool)) error
	// Numbered lists alerts of a ticket, those that fire first. It lists none of a
	// ticket of another source.
	Numbered(ctx context.Context, source, number string) ([]Known, error)
}

// Which says which alerts are listed.
type Which int8

// The kinds of lists.
const (
	Either Which = iota
	NotOver
	Over
)

// Known is an alert with its ticket.
type Known struct {
	Alert  ticket.AlertRecord
	Ticket ticket.Ticket
}

// genieKey is the key that Opsgenie's senders put into a header.
func genieKey(c *call) (string, error) {
	scheme, key, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "GenieKey") {
		return "", errKey
	}
	return strings.TrimSpace(key), nil
}

// took is how long a request has taken, in seconds.
func (c *call) took() float64 {
	return math.Round(max(0, c.now().Sub(c.began).Seconds())*1000) / 1000
}

// accepted answers that a request was taken. What became of it can be asked by
// the request's id.
func (c *call) accepted(o outcome) int {
	o.at = c.began
	return c.say(http.StatusAccepted, struct {
		Result    string  `json:"result"`
		Took      float64 `json:"took"`
		RequestID string  `json:"requestId"`
	}{"Request will be processed", c.took(), c.source.requestID(o)})
}

// genieTime is how Opsgenie writes a time.
const genieTime = "2006-01-02T15:04:05.000Z"

// requestStatus is what became of a request.
type requestStatus struct {
	Success       bool   `json:"success"`
	Action        string `json:"action"`
	ProcessedAt   string `json:"processedAt"`
	IntegrationID string `json:"integrationId"`
	IsSuccess     bool   `json:"isSuccess"`
	Status        string `json:"status"`
	AlertID       string `json:"alertId"`
	Alias         string `json:"alias"`
}

// answered is an answer with data.
type answered struct {
	Data      any     `json:"data"`
	Took      float64 `json:"took"`
	RequestID string  `json:"requestId"`
}

// hearRequest hears that somebody asks what became of a request.
func (c *call) hearRequest(id string) (said, error) {
	o, ok := c.source.outcomeOf(id)
	if !ok {
		return said{}, &misuse{status: http.StatusNotFound, message: "Request not found. It might not be processed, yet."}
	}
	status := requestStatus{
		Success: o.result == resultDone, IsSuccess: o.result == resultDone,
		Action: orders[o.order].name, ProcessedAt: o.at.Format(genieTime), IntegrationID: c.integration(),
		Status: o.said(), AlertID: o.alert, Alias: o.alias,
	}
	return said{answer: func(c *call, _ Taken) int {
		return c.say(http.StatusOK, answered{status, c.took(), newAlertID()})
	}}, nil
}

// said is the outcome in words. Senders look for some of them.
func (o *outcome) said() string {
	switch name := orders[o.order].name; o.result {
	case resultDone:
		return orders[o.order].done
	case resultUnknown:
		return fmt.Sprintf("There is no open alert with alias [%s]", ticket.Logged(o.alias))
	default:
		return fmt.Sprintf("%s is not done here: whom a ticket pages, and when, is said in the pager itself", name)
	}
}

// integration is the source's id.
func (c *call) integration() string {
	sum := sha256.Sum256([]byte("integration\x00" + c.source.Name))
	return uuid(sum[:])
}

// alertShown is an alert as Opsgenie shows it.
type alertShown struct {
	ID             string            `json:"id"`
	TinyID         string            `json:"tinyId"`
	Alias          string            `json:"alias"`
	Message        string            `json:"message"`
	Status         string            `json:"status"`
	Acknowledged   bool              `json:"acknowledged"`
	IsSeen         bool              `json:"isSeen"`
	Tags           []string          `json:"tags"`
	Snoozed        bool              `json:"snoozed"`
	Count          int64             `json:"count"`
	LastOccurredAt string            `json:"lastOccurredAt"`
	CreatedAt      string            `json:"createdAt"`
	UpdatedAt      string            `json:"updatedAt"`
	Source         string            `json:"source"`
	Owner          string            `json:"owner"`
	Priority       string            `json:"priority,omitempty"`
	Responders     []string          `json:"responders"`
	Integration    map[string]string `json:"integration"`
	Entity         string            `json:"entity"`
	Description    string            `json:"description,omitempty"`
	Details        map[string]string `json:"details,omitempty"`

	created, updated, last time.Time
	description            string // of an alert in a list
}

// hearAlert hears that somebody asks for an alert.
func (c *call) hearAlert(at namedAlert) (said, error) {
	missing := &misuse{status: http.StatusNotFound, message: "Alert does not exist"}
	_, id, err := c.identified(at.of, false)
	if err != nil {
		return said{}, err
	}
	if c.known == nil || id == "" {
		return said{}, missing
	}
	known, ok, err := c.known.Known(c.r.Context(), c.source.Name, id)
	if err != nil {
		return said{}, &notTaken{fmt.Errorf("ask the store: %w", err)}
	}
	if !ok {
		return said{}, missing
	}
	shown := c.shown(id, &known)
	return said{answer: func(c *call, _ Taken) int {
		return c.say(http.StatusOK, answered{shown, c.took(), newAlertID()})
	}}, nil
}

func (c *call) shown(id string, k *Known) alertShown {
	a, t := &k.Alert, &k.Ticket
	out := alertShown{
		ID: id, TinyID: t.Number, Alias: a.Annotations["alias"], Message: a.Title(), Status: "open",
		Acknowledged: t.State != ticket.Open, Tags: []string{}, Count: a.Count,
		IsSeen: t.State != ticket.Open, Owner: t.Assignee, Responders: []string{}, created: a.FirstAt, updated: t.UpdatedAt, last: a.LastAt,
		LastOccurredAt: genieMoment(a.LastAt), CreatedAt: genieMoment(a.FirstAt), UpdatedAt: genieMoment(t.UpdatedAt),
		Source: a.Annotations["source"], Priority: a.Labels["priority"], Entity: a.Labels["entity"],
		Description: a.Annotations["description"], Details: a.Labels,
		Integration: map[string]string{"id": c.integration(), "name": c.source.Name, "type": "API"},
	}
	if tags := a.Annotations["tags"]; tags != "" {
		out.Tags = strings.Split(tags, ", ")
	}
	if a.Status == ticket.Resolved || t.State == ticket.StateResolved || t.State == ticket.Closed {
		out.Status = "closed"
	}
	return out
}

// genieWrong answers as Opsgenie does. It never answers 429: what cannot be
// written down is 503.
func genieWrong(c *call, f failure, faults []fault) {
	message := f.message
	var errs map[string]string
	switch f.status {
	case http.StatusUnauthorized:
		message = "Could not authenticate"
	case http.StatusUnprocessableEntity:
		message = "Request body is not processable. Please check the errors."
		errs = make(map[string]string, len(faults))
		for _, f := range faults {
			errs[f.field] = f.reason
		}
	}
	c.say(f.status, struct {
		Message   string            `json:"message"`
		Errors    map[string]string `json:"errors,omitempty"`
		Took      float64           `json:"took"`
		RequestID string            `json:"requestId"`
	}{message, errs, c.took(), newAlertID()})
}
