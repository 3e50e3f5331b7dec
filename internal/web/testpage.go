package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Tests is what the package needs of paging.TestPages.
type Tests interface {
	// Send sends a test page by the channels named.
	Send(ctx context.Context, p contacts.Person, channels []string, by string) (paging.TestPage, error)
	// SendTo sends one to one of the person's devices; paging.ErrNoWay if it is none.
	SendTo(ctx context.Context, p contacts.Person, device, by string) (paging.TestPage, error)
	// Last is the person's last one; escalation.ErrNotFound if there is none.
	Last(ctx context.Context, person string) (paging.TestPage, error)
}

var _ Tests = (*paging.TestPages)(nil)

// testBody is a test page as the API tells it.
type testBody struct {
	ID     string    `json:"id"`
	Person string    `json:"person"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Pages  []tryBody `json:"pages"`
}

type tryBody struct {
	Channel    string           `json:"channel"`
	Address    string           `json:"address"`
	Provider   string           `json:"provider,omitempty"`
	ProviderID string           `json:"provider_id,omitempty"`
	State      ticket.PageState `json:"state"`
	Error      string           `json:"error,omitempty"`
	ReceiptAt  time.Time        `json:"receipt_at,omitzero"`
	Receipts   bool             `json:"receipts,omitempty"` // one is to come
}

func testOf(p *paging.TestPage) testBody {
	body := testBody{ID: p.ID, Person: p.Person, By: p.By, At: p.At.UTC(), Pages: make([]tryBody, len(p.Tries))}
	for i := range p.Tries {
		try := &p.Tries[i]
		body.Pages[i] = tryBody{
			Channel: try.Channel, Address: try.Address, Provider: try.Provider, ProviderID: try.ProviderID,
			State: try.State, Error: try.Error, ReceiptAt: try.ReceiptAt.UTC(), Receipts: try.Receipts,
		}
	}
	return body
}

// tested finds the person of a path for whom the token may order a test page:
// it wakes somebody.
func (s *Server) tested(r *http.Request, by Token) (contacts.Person, error) {
	if err := by.mayBe(r.PathValue("name"), "a test page to"); err != nil {
		return contacts.Person{}, err
	}
	if s.tests == nil {
		return contacts.Person{}, refusef(http.StatusNotImplemented, "unsupported", "test pages are not sent while the store is away")
	}
	p, ok := s.engine.Rules().Directory.Recipient(r.PathValue("name")) // a group's telephone too, by its number
	if !ok {
		return p, refusef(http.StatusNotFound, "not_found", "nobody is named %q", logged(r.PathValue("name")))
	}
	return p, nil
}

func (s *Server) testPage(w http.ResponseWriter, r *http.Request, by Token) error {
	person, err := s.tested(r, by)
	if err != nil {
		return err
	}
	var ask struct {
		Channel string `json:"channel"`
		Device  string `json:"device"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(r, &ask); err != nil {
			return err
		}
	}
	channels := s.engine.Rules().Channels
	if ask.Channel != "" {
		if !slices.Contains(channels, ask.Channel) {
			return badField("channel", "no channel named %q is configured: %s", logged(ask.Channel), names(channels))
		}
		channels = []string{ask.Channel}
	}
	send := func() (paging.TestPage, error) { return s.tests.Send(r.Context(), person, channels, by.Name) }
	if ask.Device != "" {
		if ask.Channel != "" {
			return badField("device", "a device has one channel: name one of the two")
		}
		send = func() (paging.TestPage, error) { return s.tests.SendTo(r.Context(), person, ask.Device, by.Name) }
	}
	page, err := send()
	var flood *paging.TooManyTests
	switch {
	case errors.As(err, &flood):
		return &refusal{status: http.StatusTooManyRequests, code: "too_many", after: flood.After, message: flood.Error()}
	case errors.Is(err, paging.ErrNoWay):
		return refusef(http.StatusConflict, "no_way", "%s: %s", person.Key, paging.ErrNoWay)
	case err != nil:
		return fmt.Errorf("web: test page to %s: %w", person.Key, err)
	}
	return writeJSON(w, http.StatusOK, testOf(&page))
}

func (s *Server) lastTest(w http.ResponseWriter, r *http.Request, by Token) error {
	person, err := s.tested(r, by)
	if err != nil {
		return err
	}
	page, err := s.tests.Last(r.Context(), person.Key)
	if err != nil {
		return fmt.Errorf("web: the test page of %s: %w", person.Key, err)
	}
	return writeJSON(w, http.StatusOK, testOf(&page))
}
