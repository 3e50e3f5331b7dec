package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Contact is somebody at a customer's.
type Contact struct {
	ID        string   `json:"id"`
	Ref       string   `json:"ref"`
	Customer  string   `json:"customer"`
	Site      string   `json:"site"`
	Name      string   `json:"name"`
	Emails    []string `json:"emails"`
	Phones    []string `json:"phones"`
	Strategic bool     `json:"strategic"`
	EndedAt   string   `json:"ended_at"` // empty: it has not
}

// ContactQuery selects contacts.
type ContactQuery struct {
	Customer, Text, Email, Phone, Cursor string
	Ended                                bool
	Limit                                int // 0: as many as the API gives
}

func (q *ContactQuery) values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"customer": q.Customer, "q": q.Text, "email": q.Email, "phone": q.Phone, "cursor": q.Cursor} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Ended {
		values.Set("ended", "true")
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	return values
}

const contactsPath = "/api/v1/contacts"

func contactPath(id string) string { return contactsPath + "/" + url.PathEscape(id) }

// Contacts lists a part of them; next is the cursor of the part after it.
func (c *Client) Contacts(ctx context.Context, q *ContactQuery) (list []Contact, next string, raw json.RawMessage, err error) {
	if raw, err = c.do(ctx, http.MethodGet, contactsPath, q.values(), nil); err != nil {
		return nil, "", nil, err
	}
	var body struct {
		Contacts []Contact
		Next     string
	}
	err = decode("contacts", raw, &body)
	return body.Contacts, body.Next, raw, err
}

// ContactsSheet is a part of them as CSV.
func (c *Client) ContactsSheet(ctx context.Context, q *ContactQuery) (sheet []byte, next string, err error) {
	text, header, err := c.exchange(ctx, http.MethodGet, contactsPath, q.values(), nil, http.Header{"Accept": {"text/csv"}})
	return text, header.Get("X-Next-Cursor"), err
}

// MakeContact makes one, of fields by the API's names.
func (c *Client) MakeContact(ctx context.Context, fields map[string]any) (Contact, json.RawMessage, error) {
	return contactOf(c.do(ctx, http.MethodPost, contactsPath, nil, fields))
}

// ChangeContact changes one as it is now: what is left out stays.
func (c *Client) ChangeContact(ctx context.Context, id string, fields map[string]any) (Contact, json.RawMessage, error) {
	_, header, err := c.exchange(ctx, http.MethodGet, contactPath(id), nil, nil, nil)
	if err != nil {
		return Contact{}, nil, err
	}
	raw, _, err := c.exchange(ctx, http.MethodPatch, contactPath(id), nil, fields, http.Header{"If-Match": {header.Get("ETag")}})
	return contactOf(raw, err)
}

// RemoveContact ends one.
func (c *Client) RemoveContact(ctx context.Context, id string) (Contact, json.RawMessage, error) {
	return contactOf(c.do(ctx, http.MethodDelete, contactPath(id), nil, nil))
}

func contactOf(raw json.RawMessage, err error) (one Contact, _ json.RawMessage, _ error) {
	if err != nil {
		return one, nil, err
	}
	return one, raw, decode("contact", raw, &one)
}

// Anonymised is what anonymising a contact did: to how many tickets, and to how many it
// does once they have left the store.
type Anonymised struct{ Tickets, Later int }

// AnonymiseContact deletes what names one, for good.
func (c *Client) AnonymiseContact(ctx context.Context, id string) (done Anonymised, raw json.RawMessage, err error) {
	if raw, err = c.do(ctx, http.MethodDelete, contactPath(id), url.Values{"anonymise": {"true"}}, nil); err != nil {
		return done, nil, err
	}
	err = decode("contact", raw, &done)
	return done, raw, err
}

// Import is how a file of contacts is taken.
type Import struct {
	Customer string   // of all of them; empty: a column says it
	Map      []string // COLUMN=FIELD
	DryRun   bool
}

// Imported is what came of a file, or would.
type Imported struct {
	DryRun   bool `json:"dry_run"`
	Imported bool
	Lines    int
	New      int
	Changed  int
	Same     int
	Bad      int
	Columns  map[string]string
	Ignored  []string
	Errors   []struct {
		Line       int
		Field, Why string
	}
	Raw json.RawMessage `json:"-"`
}

// ImportContacts has a file taken, all of it or nothing. Lines that cannot be taken are no
// error: the answer names them.
func (c *Client) ImportContacts(ctx context.Context, file []byte, o *Import) (is Imported, err error) {
	query := url.Values{"map": o.Map}
	if o.Customer != "" {
		query.Set("customer", o.Customer)
	}
	if o.DryRun {
		query.Set("dry_run", "true")
	}
	req, err := c.request(ctx, http.MethodPost, c.base+contactsPath+"?"+query.Encode(), nil)
	if err != nil {
		return is, fmt.Errorf("client: POST %s: %w", contactsPath, err)
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(file)), int64(len(file))
	req.Header.Set("Content-Type", "text/csv")
	resp, err := c.http.Do(req)
	if err != nil {
		return is, unreachable(c.base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return is, unreachable(c.base, err)
	}
	if resp.StatusCode != http.StatusOK {
		err = refused(resp, data)
		var why *Error
		if !errors.As(err, &why) || why.Code != "bad_lines" {
			return is, err
		}
	}
	is.Raw = data
	return is, decode("what came of the file", data, &is)
}
