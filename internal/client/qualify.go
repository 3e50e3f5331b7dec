package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Fields are what is said of a ticket, by the API's names: an API value each.
type Fields map[string]any

// Set puts a field in as a command has it: "contact.name" is a part of somebody,
// "custom.rack" a field that the configuration defines. An empty text empties it.
func (f Fields) Set(name, text string) {
	var value any
	if text != "" {
		value = text
	}
	whole, part, nested := strings.Cut(name, ".")
	if !nested {
		f[name] = value
		return
	}
	of, ok := f[whole].(map[string]any)
	if !ok {
		of = map[string]any{}
		f[whole] = of
	}
	if whole != "custom" && value == nil {
		value = ""
	}
	of[part] = value
}

// Open opens a ticket that no alert stands behind.
func (c *Client) Open(ctx context.Context, fields Fields) (Ticket, error) {
	data, err := c.do(ctx, http.MethodPost, "/api/v1/tickets", nil, fields)
	return ticketOf(data, err)
}

// Qualify changes what is said of a ticket that is in the state of an ETag; "*":
// whatever it is. If somebody else was first, the error's Status is 412.
func (c *Client) Qualify(ctx context.Context, number, etag string, fields Fields) (Ticket, error) {
	data, _, err := c.exchange(ctx, http.MethodPatch, "/api/v1/tickets/"+url.PathEscape(number), nil, fields, http.Header{"If-Match": {etag}})
	return ticketOf(data, err)
}

// Resolve says that a ticket is over, with synthesis, restored and fields that are to
// change. An ETag that is not empty says in which state they were read.
func (c *Client) Resolve(ctx context.Context, number, etag string, fields Fields) (Ticket, error) {
	header := http.Header{}
	if etag != "" {
		header.Set("If-Match", etag)
	}
	data, _, err := c.exchange(ctx, http.MethodPost, "/api/v1/tickets/"+url.PathEscape(number)+"/resolve", nil, fields, header)
	return ticketOf(data, err)
}

// Tagged is one ticket with its ETag.
func (c *Client) Tagged(ctx context.Context, number string) (t Ticket, etag string, err error) {
	data, header, err := c.exchange(ctx, http.MethodGet, "/api/v1/tickets/"+url.PathEscape(number), nil, nil, nil)
	t, err = ticketOf(data, err)
	return t, header.Get("ETag"), err
}

// Party is somebody on the other side, as the API shows a contact.
type Party struct{ ID, Name, Email, Phone string }

// UnmarshalJSON reads a contact's ID or an object.
func (p *Party) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &p.ID)
	}
	var o struct{ ID, Name, Email, Phone string }
	err := json.Unmarshal(text, &o)
	*p = Party(o)
	return err
}

// String is "Marc Doe, marc@example.com, +33…".
func (p *Party) String() string {
	if p == nil {
		return ""
	}
	var parts []string
	for _, part := range []string{p.Name, p.Email, p.Phone, p.ID} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
