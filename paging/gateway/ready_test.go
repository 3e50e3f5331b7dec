package gateway_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/gateway"
	"github.com/astreinte/astreinte/paging/gateway/gatewaytest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

const rest = `
server: {public_url: "https://astreinte.example.net"}
policies: {silent: {}}
route: {receiver: silent}
`

// ready reads a file of docs/gateways as it is, with these secrets.
func ready(t *testing.T, name string, secrets map[string]string) *config.Gateway {
	t.Helper()
	data, err := os.ReadFile("../../docs/gateways/" + name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, secret := range secrets {
		if err := os.WriteFile(filepath.Join(dir, "secrets", file), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, report := config.Parse(name, append(data, rest...), dir, config.Options{})
	if cfg == nil {
		t.Fatal(report.Errors)
	}
	return &cfg.SMS.HTTP
}

// sender is the sender that the daemon makes of it.
func sender(t *testing.T, g *config.Gateway, at http.Handler) (*gateway.Sender, gateway.Config) {
	t.Helper()
	c := gateway.Config{
		Name: g.Name, From: g.From, Spec: g.Spec, Secrets: map[string]gateway.Secret{},
		PublicURL: "https://astreinte.example.net", HTTP: &http.Client{Transport: phonetest.Transport(at)},
	}
	for name, secret := range g.Secrets {
		c.Secrets[name] = gateway.Secret(secret.Reveal())
	}
	s, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func ovhSecrets(o *gatewaytest.OVH) map[string]string {
	return map[string]string{
		"ovh.application-key": o.ApplicationKey, "ovh.application-secret": o.ApplicationSecret, "ovh.consumer-key": o.ConsumerKey, "ovh.webhook": "webhook-hush",
	}
}

func vonageSecrets(v *gatewaytest.Vonage) map[string]string {
	return map[string]string{"vonage.api-key": v.APIKey, "vonage.api-secret": v.APISecret, "vonage.webhook": "webhook-hush"}
}

const alice = "+33612345601"

func page(to string) paging.Message {
	return paging.Message{
		Key: ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "sms"}, Source: "prometheus", Urgency: ticket.Critical,
		To: to, Text: "CRITIQUE Acme/Givrand \"srv\" 100% é & GTI 04:12\nREPONDRE 12 OK = je prends",
	}
}

func expect(t *testing.T, what string, r paging.Result, class paging.Class, code string) {
	t.Helper()
	if r.Class != class || r.Code != code {
		t.Errorf("%s: %+v, want %s, %q", what, r, class, code)
	}
}

func TestOVH(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := gatewaytest.NewOVH(gatewaytest.Options{})
		s, _ := sender(t, ready(t, "ovh.yml", ovhSecrets(o)), o)
		r := s.Send(t.Context(), page(alice))
		expect(t, "a page", r, paging.Accepted, "")
		got := o.To(alice)
		if len(got) != 1 || got[0].From != gatewaytest.OVHShortNumber || r.ProviderID != "ovh/"+got[0].ID ||
			got[0].Text != "CRITIQUE Acme/Givrand \"srv\" 100% é & GTI 04:12\nREPONDRE 12 OK = je prends" {
			t.Errorf("%+v sent %+v", r, got)
		}

		wide := page(alice)
		wide.Text = "CRITIQUE 停止"
		expect(t, "a page in another script", s.Send(t.Context(), wide), paging.Accepted, "")
		if got := o.To(alice); got[len(got)-1].Text != wide.Text {
			t.Errorf("sent %+v", got)
		}

		o.Bar("+33612345602")
		expect(t, "a barred number", s.Send(t.Context(), page("+33612345602")), paging.DeadAddress, "http_200")
		o.SetCredits(0)
		expect(t, "no credits", s.Send(t.Context(), page(alice)), paging.DeadAccount, "FORBIDDEN")
		o.SetCredits(5)
		for status, class := range map[int]paging.Class{500: paging.Transient, 503: paging.Transient, 429: paging.Transient, 404: paging.DeadAccount} {
			o.Down(status)
			expect(t, "down", s.Send(t.Context(), page(alice)), class, paging.HTTPCode(status))
		}
		o.Down(0)
		expect(t, "up again", s.Send(t.Context(), page(alice)), paging.Accepted, "")
	})
}

// TestOVHKeys: the error says what is wrong with the keys or the clock, and
// quotes nothing.
func TestOVHKeys(t *testing.T) {
	for secret, code := range map[string]string{
		"ovh.application-key": "INVALID_KEY", "ovh.application-secret": "INVALID_SIGNATURE", "ovh.consumer-key": "INVALID_CREDENTIAL",
	} {
		o := gatewaytest.NewOVH(gatewaytest.Options{})
		secrets := ovhSecrets(o)
		secrets[secret] = "hush"
		s, _ := sender(t, ready(t, "ovh.yml", secrets), o)
		r := s.Send(t.Context(), page(alice))
		expect(t, secret, r, paging.DeadAccount, code)
		if strings.Contains(r.Error(), "hush") || len(o.Sent()) > 0 {
			t.Errorf("%s: %+v, sent %v", secret, r, o.Sent())
		}
	}
	late := gatewaytest.NewOVH(gatewaytest.Options{Now: func() time.Time { return time.Now().Add(time.Minute) }})
	s, _ := sender(t, ready(t, "ovh.yml", ovhSecrets(late)), late)
	expect(t, "our clock is off", s.Send(t.Context(), page(alice)), paging.Transient, "QUERY_TIME_OUT")
}

func TestVonage(t *testing.T) {
	v := gatewaytest.NewVonage(gatewaytest.Options{})
	s, _ := sender(t, ready(t, "vonage.yml", vonageSecrets(v)), v)
	r := s.Send(t.Context(), page(alice))
	expect(t, "a page", r, paging.Accepted, "")
	if got := v.To(alice); len(got) != 1 || got[0].Text != page(alice).Text || got[0].From != v.Number || r.ProviderID != "vonage/"+got[0].ID {
		t.Errorf("%+v sent %+v", r, got)
	}
	wide := page(alice)
	wide.Text = "CRITIQUE 停止"
	expect(t, "a page in another script", s.Send(t.Context(), wide), paging.Accepted, "")
	if got := v.To(alice); got[len(got)-1].Text != wide.Text {
		t.Errorf("sent %+v", got)
	}
	v.Bar("+33612345602")
	expect(t, "a barred number", s.Send(t.Context(), page("+33612345602")), paging.DeadAddress, "7")
	v.Throttle(1)
	expect(t, "too fast", s.Send(t.Context(), page(alice)), paging.Transient, "1")
	v.SetCredits(0)
	expect(t, "no credits", s.Send(t.Context(), page(alice)), paging.DeadAccount, "9")
	v.SetCredits(1)
	v.Down(502)
	expect(t, "down", s.Send(t.Context(), page(alice)), paging.Transient, "http_502")
	v.Down(0)
	v.Number = "33600000000"
	expect(t, "not our number", s.Send(t.Context(), page(alice)), paging.DeadAccount, "15")

	secrets := vonageSecrets(v)
	secrets["vonage.api-secret"] = "hush"
	s, _ = sender(t, ready(t, "vonage.yml", secrets), v)
	r = s.Send(t.Context(), page(alice))
	expect(t, "another secret", r, paging.DeadAccount, "4")
	if strings.Contains(r.Error(), "hush") {
		t.Errorf("said %s", r.Error())
	}
}

// heard is a paging.Listener that writes down.
type heard struct {
	receipts []paging.Receipt
	classes  []paging.Class
	texts    []paging.Text
}

func (h *heard) Answer(_ context.Context, t paging.Text) (string, error) {
	h.texts = append(h.texts, t)
	return "12 PRIS", nil
}

func (h *heard) Receive(_ context.Context, r paging.Receipt, c paging.Class) error {
	h.receipts, h.classes = append(h.receipts, r), append(h.classes, c)
	return nil
}

func (h *heard) last(t *testing.T) (paging.Receipt, paging.Class) {
	t.Helper()
	if len(h.receipts) == 0 {
		t.Fatal("no receipt was handed over")
	}
	return h.receipts[len(h.receipts)-1], h.classes[len(h.classes)-1]
}

const hooks = "https://astreinte.example.net/sms/"

func TestOVHWebhooks(t *testing.T) {
	var door http.Handler
	o := gatewaytest.NewOVH(gatewaytest.Options{
		ReceiptURL: hooks + "ovh/receipt?token=webhook-hush", ReplyURL: hooks + "ovh/reply?token=webhook-hush",
		Client: &http.Client{Transport: phonetest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))},
	})
	s, c := sender(t, ready(t, "ovh.yml", ovhSecrets(o)), o)
	ear := &heard{}
	door = gateway.NewHandler(c, s, ear, nil, nil)
	expect(t, "a page", s.Send(t.Context(), page(alice)), paging.Accepted, "")
	id := o.Sent()[0].ID

	for _, tt := range []struct {
		ptt, description int
		state            ticket.PageState
		class            paging.Class
	}{
		{4, 1, "delivered", 0},
		{3, 4, "sent", 0},
		{1, 8, "", 0},
		{2, 8, "", 0},
		{0, 0, "", 0},
		{0, 1, "delivered", 0},
		{0, 2, "undelivered", paging.Transient},
		{0, 99, "", 0},
		{5, 2, "undelivered", paging.Transient},
		{9999, 99, "undelivered", paging.Transient},
		{23, 2, "undelivered", paging.DeadAddress},
		{24, 2, "undelivered", paging.Transient},
		{27, 16, "undelivered", paging.DeadAddress},
		{28, 2, "undelivered", paging.Filtered},
		{202, 2, "undelivered", paging.DeadAddress},
	} {
		ear.receipts = nil
		if answer, err := o.Receipt(t.Context(), id, tt.ptt, tt.description); err != nil || answer.Status != 200 {
			t.Fatalf("ptt %d: answered %+v, %v", tt.ptt, answer, err)
		}
		if tt.state == "" {
			if len(ear.receipts) > 0 {
				t.Errorf("ptt %d, %d is news: %+v", tt.ptt, tt.description, ear.receipts)
			}
			continue
		}
		if r, class := ear.last(t); r.State != tt.state || class != tt.class || r.ProviderID != "ovh/"+id {
			t.Errorf("ptt %d, %d is %+v, %s", tt.ptt, tt.description, r, class)
		}
	}
	for from, want := range map[string]string{"+33612345601": alice, "0612345601": alice, "0033612345601": alice} {
		if answer, err := o.Reply(t.Context(), "r"+from, from, "12 OK"); err != nil || answer.Status != 200 {
			t.Fatalf("answered %+v, %v", answer, err)
		}
		if got := ear.texts[len(ear.texts)-1]; got.From != want || got.Body != "12 OK" || got.To != gatewaytest.OVHShortNumber {
			t.Errorf("heard %+v", got)
		}
	}
	if got := o.To(alice); len(got) != 4 || got[3].Text != "12 PRIS" {
		t.Errorf("sent %+v", got)
	}
}

func TestVonageWebhooks(t *testing.T) {
	var door http.Handler
	v := gatewaytest.NewVonage(gatewaytest.Options{
		ReceiptURL: hooks + "vonage/receipt?token=webhook-hush", ReplyURL: hooks + "vonage/reply?token=webhook-hush",
		Client: &http.Client{Transport: phonetest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))},
	})
	s, c := sender(t, ready(t, "vonage.yml", vonageSecrets(v)), v)
	ear := &heard{}
	door = gateway.NewHandler(c, s, ear, nil, nil)
	for _, tt := range []struct {
		status string
		code   int
		state  ticket.PageState
		class  paging.Class
	}{
		{"delivered", 0, "delivered", 0},
		{"accepted", 0, "sent", 0},
		{"buffered", 0, "sent", 0},
		{"unknown", 1, "", 0},
		{"expired", 2, "undelivered", paging.Transient},
		{"failed", 3, "undelivered", paging.DeadAddress},
		{"rejected", 6, "undelivered", paging.Filtered},
		{"rejected", 9, "undelivered", paging.DeadAddress},
		{"failed", 99, "undelivered", paging.Transient},
	} {
		ear.receipts = nil
		if answer, err := v.Receipt(t.Context(), "0A01", tt.status, tt.code); err != nil || answer.Status != 200 {
			t.Fatalf("%s: answered %+v, %v", tt.status, answer, err)
		}
		if tt.state == "" {
			if len(ear.receipts) > 0 {
				t.Errorf("%s is news: %+v", tt.status, ear.receipts)
			}
			continue
		}
		if r, class := ear.last(t); r.State != tt.state || class != tt.class || r.ProviderID != "vonage/0A01" {
			t.Errorf("%s %d is %+v, %s", tt.status, tt.code, r, class)
		}
	}
	if answer, err := v.Reply(t.Context(), "0B01", alice, "12 OK"); err != nil || answer.Status != 200 || ear.texts[0].From != alice {
		t.Errorf("answered %+v, %v, heard %+v", answer, err, ear.texts)
	}
	if got := v.To(alice); len(got) != 1 || got[0].Text != "12 PRIS" {
		t.Errorf("sent %+v", got)
	}
}
