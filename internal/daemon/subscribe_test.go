package daemon

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// sns stands where Amazon's SNS is.
type sns struct {
	next   http.RoundTripper
	mu     sync.Mutex
	asked  []string
	status int
}

func (s *sns) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "sns.eu-west-1.amazonaws.com" {
		return s.next.RoundTrip(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.String())
	return &http.Response{StatusCode: s.status, Header: http.Header{"Location": {"http://169.254.169.254/"}}, Body: io.NopCloser(strings.NewReader(strings.Repeat("x", 2*fetchedMost)))}, nil
}

func (s *sns) answer(status int) (before []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.asked, s.status = s.asked, nil, status
	return before
}

// TestSubscriptionsHaveABound: a source whose sender subscribes again and again keeps so
// many, and may ask for those again.
func TestSubscriptionsHaveABound(t *testing.T) {
	amazon := &sns{status: http.StatusForbidden}
	inTownWith(t, "", func(w *town) { amazon.next = w.world.RoundTripper(); w.others = amazon }, func(t *testing.T, w *town) {
		d := w.daemon.Load()
		link := func(i int) string {
			return fmt.Sprintf("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=%d", i)
		}
		for i := range ticket.MaxSubscriptions {
			if err := d.confirm(t.Context(), "prometheus", link(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.confirm(t.Context(), "prometheus", link(1000)); !errors.Is(err, ingest.ErrManySubscriptions) {
			t.Errorf("one more: %v", err)
		}
		if err := d.confirm(t.Context(), "prometheus", link(0)); err != nil {
			t.Errorf("one that waits: %v", err)
		}
		if err := d.confirm(t.Context(), "bellac-prometheus", link(1000)); err != nil {
			t.Errorf("another source's: %v", err)
		}
	})
}

// TestSubscriptionsAreConfirmed: by one GET, soon, and again later as long as
// that fails; a redirect is a failure. After three days it is given up.
func TestSubscriptionsAreConfirmed(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	const link = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"
	amazon := &sns{status: http.StatusFound}
	inTownWith(t, "", func(w *town) { amazon.next = w.world.RoundTripper(); w.others = amazon }, func(t *testing.T, w *town) {
		d := w.daemon.Load()
		left := func() int {
			list, err := d.records.List(t.Context(), "prometheus", kindSubscription, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if err := d.confirm(t.Context(), "prometheus", link); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := amazon.answer(http.StatusOK); len(got) != 1 || got[0] != "GET "+link || left() != 1 {
			t.Errorf("asked %v, %d left", got, left())
		}
		time.Sleep(confirmAgain)
		if got := amazon.answer(http.StatusInternalServerError); len(got) != 1 || left() != 0 {
			t.Errorf("asked %v, %d left", got, left())
		}
		if err := d.confirm(t.Context(), "prometheus", link); err != nil {
			t.Fatal(err)
		}
		time.Sleep(confirmFor + time.Hour)
		if left() != 0 {
			t.Errorf("%d left after three days", left())
		}
		data, err := d.fetch(t.Context(), link)
		if err == nil || data != nil {
			t.Errorf("%d bytes of an error", len(data))
		}
		amazon.answer(http.StatusOK)
		if data, err := d.fetch(t.Context(), link); err != nil || len(data) != fetchedMost {
			t.Errorf("%d bytes, %v", len(data), err)
		}
	}, nobodyAsked)
}
