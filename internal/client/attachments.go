package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"
)

// Attachment is a file of a ticket.
type Attachment struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Public bool      `json:"public"`
	URL    string    `json:"url"`
}

// Upload is a file to attach.
type Upload struct {
	Name string
	From io.Reader
}

func attachmentsPath(number string) string {
	return "/api/v1/tickets/" + url.PathEscape(number) + "/attachments"
}

// Attachments lists a ticket's files.
func (c *Client) Attachments(ctx context.Context, number string) ([]Attachment, json.RawMessage, error) {
	data, err := c.do(ctx, http.MethodGet, attachmentsPath(number), nil, nil)
	return attachmentsOf(data, err)
}

func attachmentsOf(data json.RawMessage, err error) ([]Attachment, json.RawMessage, error) {
	var has struct {
		Attachments []Attachment `json:"attachments"`
	}
	if err == nil {
		err = decode("the attachments", data, &has)
	}
	return has.Attachments, data, err
}

// Attach attaches files to a ticket, all or none of them. They are sent as they are
// read. It gives up if nothing moves for a while.
func (c *Client) Attach(ctx context.Context, number string, public bool, files ...Upload) ([]Attachment, json.RawMessage, error) {
	path := attachmentsPath(number)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(timeout, func() { cancel(errStalled) })
	defer stalled.Stop()
	out, in := io.Pipe()
	form := multipart.NewWriter(in)
	req, err := c.request(ctx, http.MethodPost, c.base+path, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("client: POST %s: %w", path, err)
	}
	req.Body = out
	req.Header.Set("Content-Type", form.FormDataContentType())
	go func() { in.CloseWithError(writeForm(form, public, files, func() { stalled.Reset(timeout) })) }()
	patient := *c.http
	patient.Timeout = 0
	resp, err := patient.Do(req)
	if err != nil {
		return nil, nil, unreachable(c.base, errors.Join(err, context.Cause(ctx)))
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	switch {
	case err != nil:
		return nil, nil, unreachable(c.base, err)
	case resp.StatusCode != http.StatusCreated:
		return nil, nil, refused(resp, data)
	}
	return attachmentsOf(data, nil)
}

func writeForm(form *multipart.Writer, public bool, files []Upload, came func()) error {
	if public {
		if err := form.WriteField("public", "true"); err != nil {
			return fmt.Errorf("client: %w", err)
		}
	}
	for _, file := range files {
		part, err := form.CreateFormFile("file", file.Name)
		if err == nil {
			_, err = io.Copy(part, &lively{file.From, came})
		}
		if err != nil {
			return fmt.Errorf("client: send %s: %w", file.Name, err)
		}
	}
	return form.Close() //nolint:wrapcheck // its reader has it
}

// Download writes a ticket's file to w.
func (c *Client) Download(ctx context.Context, number, id string, w io.Writer) error {
	path := attachmentsPath(number) + "/" + url.PathEscape(id)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(timeout, func() { cancel(errStalled) })
	defer stalled.Stop()
	req, err := c.request(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("client: GET %s: %w", path, err)
	}
	patient := *c.http
	patient.Timeout = 0
	resp, err := patient.Do(req)
	if err != nil {
		return unreachable(c.base, errors.Join(err, context.Cause(ctx)))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
		if err != nil {
			return unreachable(c.base, err)
		}
		return refused(resp, data)
	}
	if _, err := io.Copy(w, &lively{resp.Body, func() { stalled.Reset(timeout) }}); err != nil {
		return fmt.Errorf("client: the file broke off: %w", errors.Join(err, context.Cause(ctx)))
	}
	return nil
}

// Detach removes a ticket's file.
func (c *Client) Detach(ctx context.Context, number, id string) error {
	_, err := c.do(ctx, http.MethodDelete, attachmentsPath(number)+"/"+url.PathEscape(id), nil, nil)
	return err
}
