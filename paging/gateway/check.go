package gateway

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// The message with which templates are tried. Its text breaks a body that does
// not escape it.
const (
	sampleNumber = "+33612345601"
	sampleText   = "CRITIQUE \"Acme\" 100% + é & <b> \\ a=b; 12 OK\nREPONDRE 12 OK = je prends"
	sampleName   = "sample"
)

// Check returns all that is wrong with a Spec. secrets are the names of the
// secrets that exist; it needs none of their values. It tries every template
// with a message, every expression with values that fit nothing, and the
// samples with what has to understand them.
func (s Spec) Check(secrets []string) []Fault {
	p, faults := build(s)
	b := &builder{faults: faults}
	for section, a := range s.auths() {
		for key, name := range map[string]string{"token": a.Token, "basic": a.Basic, "hmac": a.HMAC} {
			if name != "" && !slices.Contains(secrets, name) {
				b.fault(fmt.Errorf("no secret named %q", name), section, "auth", key)
			}
		}
	}
	if s.Request.Method != http.MethodGet && s.Request.Method != http.MethodPost {
		b.fault(fmt.Errorf("no method %q: GET or POST", s.Request.Method), "request", "method")
	}
	if s.Request.Method == http.MethodGet && s.Request.Body != "" {
		b.fault(errors.New("a GET has no body"), "request", "body")
	}
	if len(b.faults) > 0 {
		return b.sorted()
	}
	b.tryRequest(p, secrets)
	b.tryExpressions(p)
	b.trySamples(p, secrets)
	return b.sorted()
}

func (b *builder) sorted() []Fault {
	slices.SortStableFunc(b.faults, func(x, y Fault) int { return slices.Compare(x.Path, y.Path) })
	return b.faults
}

func (s *Spec) auths() map[string]Auth {
	all := map[string]Auth{}
	if s.Receipts != nil {
		all["receipts"] = s.Receipts.Auth
	}
	if s.Replies != nil {
		all["replies"] = s.Replies.Auth
	}
	return all
}

// sampleSender sends nothing. Its secrets are their own names.
func sampleSender(p *program, secrets []string) *Sender {
	values := map[string]Secret{}
	for _, name := range secrets {
		values[name] = Secret(sampleName + "-" + name)
	}
	return &Sender{name: sampleName, from: "Astreinte", public: "https://astreinte.example.net", program: p, secrets: newVault(values)}
}

// tryRequest renders a message, and checks that it would arrive whole.
func (b *builder) tryRequest(p *program, secrets []string) {
	m := paging.Message{
		Key:    ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: paging.WaySMS},
		Source: "prometheus", Urgency: ticket.Critical, To: sampleNumber, Text: sampleText,
	}
	sender, now := sampleSender(p, secrets), time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	o, err := sender.order(m, now)
	if err == nil { // a reply, which is no page
		_, err = sender.order(paging.Message{To: sampleNumber, Text: "12 PRIS"}, now)
	}
	if err != nil {
		b.fault(err, "request")
		return
	}
	u, err := url.Parse(o.url)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.ContainsAny(o.url, " \n\"<>\\") {
		b.fault(errors.New("it gives no address like https://host/path (write {{urlquery .Text}} in a query)"), "request", "url")
		return
	}
	if !strings.Contains(o.url+o.body, digits(sampleNumber)) {
		b.fault(errors.New("the phone's number is nowhere in it: {{.To}}, {{digits .To}} or {{international00 .To}} wanted"), "request")
	}
	if err := carriesText(u, o); err != nil {
		at := []string{"request", "body"}
		if o.body == "" {
			at[1] = "url"
		}
		b.fault(err, at...)
	}
}

// carriesText looks for the text as the gateway will read it.
func carriesText(u *url.URL, o *order) error {
	kind, _, err := mime.ParseMediaType(o.header.Get("Content-Type"))
	switch {
	case err != nil && o.header.Get("Content-Type") != "":
		return errors.New("content_type is none, such as application/json")
	case o.body == "":
		return inForm(u.RawQuery)
	case strings.HasSuffix(kind, "json"):
		v, err := parseJSON([]byte(o.body))
		if err != nil {
			return errors.New("it is no JSON with a text that has quotes and lines: write {{json .Text}}, without quotes around it")
		}
		if !holdsText(v) {
			return errors.New("no field of it is the text as it was: write {{json .Text}}, without quotes around it")
		}
	case kind == "application/x-www-form-urlencoded":
		return inForm(o.body)
	}
	return nil
}

func inForm(query string) error {
	values, err := url.ParseQuery(query)
	if err == nil {
		for v := range maps.Values(values) {
			if slices.Contains(v, sampleText) {
				return nil
			}
		}
	}
	return errors.New("no field of it is the text as it was: write {{urlquery .Text}}")
}

func holdsText(v any) bool {
	switch v := v.(type) {
	case string:
		return v == sampleText
	case []any:
		return slices.ContainsFunc(v, holdsText)
	case map[string]any:
		for _, item := range v {
			if holdsText(item) {
				return true
			}
		}
	}
	return false
}

// tryExpressions finds expressions that do not end.
func (b *builder) tryExpressions(p *program) {
	try := func(e *expr, path ...string) {
		for _, v := range []any{nil, map[string]any{}} {
			if _, err := e.within(tryTimeout, input{value: v, status: http.StatusOK}); err != nil && strings.HasPrefix(err.Error(), "the expression") {
				b.fault(err, path...)
				return
			}
		}
	}
	try(p.when, "accepted", "when")
	try(p.id, "id")
	try(p.code, "error", "code")
	try(p.text, "error", "text")
	for i, r := range p.refused {
		try(r.when, "refused", fmt.Sprint(i), "when")
	}
	if r := p.receipts; r != nil {
		for name, e := range map[string]*expr{"each": r.each, "id": r.id, "ref": r.ref, "state": r.state, "class": r.class, "error": r.err} {
			try(e, "receipts", name)
		}
	}
	if r := p.replies; r != nil {
		for name, e := range map[string]*expr{"each": r.each, "id": r.id, "from": r.from, "to": r.to, "text": r.text} {
			try(e, "replies", name)
		}
		if r.answer != nil {
			_, err := render(r.answer, map[string]any{"Reply": sampleText})
			b.fault(err, "replies", "answer", "body")
		}
	}
}

// trySamples tries the samples, taken from the gateway's documentation, with
// what has to understand them.
func (b *builder) trySamples(p *program, secrets []string) {
	if sample := p.spec.Accepted.Sample; sample != "" {
		status := http.StatusOK
		if len(p.spec.Accepted.Status) > 0 {
			status = p.spec.Accepted.Status[0]
		}
		r := sampleSender(p, secrets).judge(status, http.Header{}, []byte(sample), &order{})
		switch {
		case r.Class != paging.Accepted:
			b.fault(fmt.Errorf("it is not accepted, but %s", r.Class), "accepted", "sample")
		case p.id != nil && r.ProviderID == "":
			b.fault(errors.New("id finds nothing in it"), "accepted", "sample")
		}
	}
	if r := p.spec.Receipts; r != nil && r.Sample != "" {
		b.fault(trySample(r.Webhook, p.receipts.each, func(in input) error {
			if n, err := p.receipts.read(in); err != nil || n.state == "" || (n.id == "" && n.ref == "") {
				return errors.Join(err, errors.New("it has no id (or ref) and state that are understood"))
			}
			return nil
		}), "receipts", "sample")
	}
	if r := p.spec.Replies; r != nil && r.Sample != "" {
		b.fault(trySample(r.Webhook, p.replies.each, func(in input) error {
			if t, err := p.replies.read(in); err != nil || t.From == "" || t.Body == "" {
				return errors.Join(err, errors.New("it has no from and text that are understood"))
			}
			return nil
		}), "replies", "sample")
	}
}

func trySample(w Webhook, each *expr, understood func(input) error) error {
	in, err := fields(w.Format, strings.TrimSpace(w.Sample), nil)
	if err != nil {
		return err
	}
	items, err := split(each, in)
	if err != nil || len(items) == 0 {
		return errors.Join(err, errors.New("each finds nothing in it"))
	}
	for _, item := range items {
		if err := understood(item); err != nil {
			return err
		}
	}
	return nil
}
