package ingest

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatASourceSaid: the last request of each outcome is remembered, with what it
// posted if it was the source's own, and what became of it.
func TestWhatASourceSaid(t *testing.T) {
	tk := &taker{}
	h := newHandler(tk)
	if _, ok := h.Said("nobody"); ok {
		t.Error("a source is known that nobody configured")
	}
	good := `{"status":"firing","alerts":[{"labels":{"alertname":"Down","token":"abc"}}]}`
	post(t, h, "/ingest/prometheus?token=s3cr3t", good)
	post(t, h, "/ingest/prometheus", `{"alerts":[{"labels":7}]}`)
	post(t, h, "/ingest/prometheus", "stolen", func(r *http.Request) { r.Header.Set("Authorization", "Bearer wrong") })
	said, _ := h.Said("prometheus")
	if said.Counts != (Counts{Taken: 1, Refused: 1, Strange: 1}) {
		t.Errorf("%+v", said.Counts)
	}
	if r := said.Taken; r == nil || string(r.Body) != good || !r.Whole() || r.Accepted != 1 || len(r.Tickets) != 1 || r.Status != http.StatusAccepted || r.Path != "/ingest/prometheus" || r.From != "192.0.2.1" || !r.At.Equal(now) {
		t.Errorf("taken: %+v", r)
	}
	if r := said.Refused; r == nil || r.Code != "bad_alerts" || !strings.Contains(r.Reason, "labels") || !strings.Contains(string(r.Body), "7") {
		t.Errorf("refused: %+v", r)
	}
	if r := said.Strange; r == nil || r.Body != nil || r.Code != "unauthorized" {
		t.Errorf("a stranger: %+v", r)
	}
	tk.err = errors.New("full")
	post(t, h, "/ingest/prometheus", good)
	if said, _ = h.Said("prometheus"); said.Counts.Failed != 1 || said.Refused.Code != "not_durable" {
		t.Errorf("%+v, %+v", said.Counts, said.Refused)
	}
}

// TestWhatASourceMailed: a mail is remembered as a request is, and can be read again.
func TestWhatASourceMailed(t *testing.T) {
	tk := &taker{}
	h := newHandler(tk, func(o *Options) { o.Sources = append(o.Sources, Source{Name: "ups", Type: TypeMail}) })
	mail := "From: ups@example.net\r\nSubject: DOWN: srv\r\n\r\n"
	circle := strings.Repeat("Received: by a\r\n", ticket.MaxLetterHops+1) + mail
	h.Deliver(t.Context(), "ups", "192.0.2.1", []byte(mail))
	h.Deliver(t.Context(), "ups", "192.0.2.1", []byte(circle))
	h.NoMail("ups", "192.0.2.1", mailTooLarge, "too large")
	said, _ := h.Said("ups")
	if said.Counts != (Counts{Taken: 1, Refused: 2}) || said.Refused.Code != "too_large" {
		t.Errorf("%+v, %+v", said.Counts, said.Refused)
	}
	r := said.Taken
	if r == nil || string(r.Body) != mail || !r.Whole() || r.Accepted != 1 || len(r.Tickets) != 1 || r.Status != mailTaken || r.From != "192.0.2.1" {
		t.Fatalf("taken: %+v", r)
	}
	if alerts, err := h.Reread(t.Context(), "ups", r.Path, r.Body); err != nil || len(alerts) != 1 {
		t.Errorf("read again: %+v, %v", alerts, err)
	}
	tk.err = errors.New("full")
	h.Deliver(t.Context(), "ups", "192.0.2.1", []byte(mail))
	if said, _ = h.Said("ups"); said.Counts.Failed != 1 || said.Refused.Code != "not_durable" {
		t.Errorf("%+v, %+v", said.Counts, said.Refused)
	}
}

// TestOfALongBodyItsBeginningIsKept, in no more memory than that.
func TestOfALongBodyItsBeginningIsKept(t *testing.T) {
	h := newHandler(&taker{}, func(o *Options) { o.Sources[0].MaxBody = 1 << 20 })
	body := `{"status":"firing","alerts":[{"labels":{"alertname":"` + strings.Repeat("é", ticket.MaxSaidBody) + `"}}]}`
	post(t, h, "/ingest/prometheus", body)
	said, _ := h.Said("prometheus")
	if r := said.Taken; r == nil || r.Whole() || r.Length != len(body) || len(r.Body) != ticket.MaxSaidBody || cap(r.Body) > 2*ticket.MaxSaidBody {
		t.Errorf("%d of %d bytes are kept", len(r.Body), r.Length)
	}
}

// TestRereading reads a payload as its source's type is now, and takes nothing.
func TestRereading(t *testing.T) {
	tk := &taker{}
	h := newHandler(tk, func(o *Options) {
		o.Sources = append(o.Sources, Source{Name: "og", Type: TypeOpsgenie, Token: "og", MaxBody: 4096}, Source{Name: "aws", Type: "cloudwatch", Token: "aws", MaxBody: 4096})
	})
	alerts, err := h.Reread(t.Context(), "prometheus", "/ingest/prometheus/api/v2/alerts", []byte(`[{"labels":{"alertname":"Down"}}]`))
	if err != nil || len(alerts) != 1 || alerts[0].Labels["alertname"] != "Down" {
		t.Errorf("%+v, %v", alerts, err)
	}
	if alerts, err = h.Reread(t.Context(), "og", "/v2/alerts", []byte(`{"message":"down"}`)); err != nil || len(alerts) != 1 {
		t.Errorf("%+v, %v", alerts, err)
	}
	if _, err = h.Reread(t.Context(), "og", "/ingest/og/v2/alerts/x/close", []byte(`{}`)); !errors.Is(err, ErrOrder) {
		t.Errorf("an order: %v", err)
	}
	// What SNS posts is not fetched for, and no subscription is confirmed.
	if _, err = h.Reread(t.Context(), "aws", "/ingest/aws", []byte(fixture(t, "sns-subscription-confirmation.json"))); err != nil {
		t.Errorf("a subscription: %v", err)
	}
	if len(tk.batches) > 0 {
		t.Errorf("%+v is taken", tk.batches)
	}
}

// TestWhatIsShownIsMasked: the source's own token is in no text of it.
func TestWhatIsShownIsMasked(t *testing.T) {
	h := newHandler(&taker{})
	if got := h.Masked("prometheus", []byte(`{"note":"posted by s3cr3t","password":"x"}`)); got != `{"note":"posted by ***","password":"***"}` {
		t.Error(got)
	}
}
