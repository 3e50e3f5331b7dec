package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Task is what somebody did for a ticket.
type Task struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
	By      string    `json:"by"`
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`
	Public  bool      `json:"public"`
	Minutes int       `json:"minutes"`
}

// TaskEdit is a task, or what of one is to change. What is nil is not said.
type TaskEdit struct {
	Kind    *string `json:"kind,omitempty"`
	Text    *string `json:"text,omitempty"`
	At      *string `json:"at,omitempty"`
	Until   *string `json:"until,omitempty"`
	Minutes *int    `json:"minutes,omitempty"`
	Public  *bool   `json:"public,omitempty"`
	Person  string  `json:"person,omitempty"`
}

// WriteTask writes down what was done for a ticket, or changes the task of an ID.
func (c *Client) WriteTask(ctx context.Context, number, id string, e *TaskEdit) (t Ticket, err error) {
	method, path := http.MethodPost, "/api/v1/tickets/"+url.PathEscape(number)+"/tasks"
	if id != "" {
		method, path = http.MethodPatch, path+"/"+url.PathEscape(id)
	}
	data, err := c.do(ctx, method, path, nil, e)
	if err != nil {
		return t, err
	}
	if err = decode("the ticket", data, &t); err == nil {
		t.Raw = data
	}
	return t, err
}

// Treatment is how many minutes the tasks took together.
func (t *Ticket) Treatment() (minutes int) {
	for i := range t.Tasks {
		minutes += t.Tasks[i].Minutes
	}
	return minutes
}

// Point is a point of a ticket's checklist.
type Point struct {
	ID       string    `json:"id"`
	Category string    `json:"category"`
	Text     string    `json:"text"`
	Required bool      `json:"required"`
	DueAt    time.Time `json:"due_at"`
	DoneAt   time.Time `json:"done_at"`
	DoneBy   string    `json:"done_by"`
}

// Tick says of a point of a ticket's checklist that it is done, or is not after all.
func (c *Client) Tick(ctx context.Context, number, point string, done bool, person string) (Ticket, error) {
	return ticketOf(c.do(ctx, http.MethodPatch, "/api/v1/tickets/"+url.PathEscape(number)+"/checklist", nil, struct {
		Point  string `json:"point"`
		Done   bool   `json:"done"`
		Person string `json:"person,omitempty"`
	}{point, done, person}))
}

// Meet sets up a meeting with the user of a ticket: at an address, or where it is empty as
// the configuration says.
func (c *Client) Meet(ctx context.Context, number, address, person string) (Ticket, error) {
	return ticketOf(c.do(ctx, http.MethodPost, "/api/v1/tickets/"+url.PathEscape(number)+"/meeting", nil, struct {
		URL    string `json:"url,omitempty"`
		Person string `json:"person,omitempty"`
	}{address, person}))
}

// SeenBefore says how often the same device and check had a ticket within 30 days.
type SeenBefore struct {
	Count int `json:"count"`
	Last  *struct {
		Number     string    `json:"number"`
		ResolvedAt time.Time `json:"resolved_at"`
		ResolvedBy string    `json:"resolved_by"`
		Synthesis  string    `json:"synthesis"`
	} `json:"last"`
}
