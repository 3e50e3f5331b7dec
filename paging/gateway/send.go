package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

const (
	timeout   = 30 * time.Second     // bounds a call whose context is more patient
	maxAnswer = ticket.MaxSendAnswer // of an answer's body
)

// order is one request, ready to be sent.
type order struct {
	method, url, body string
	header            http.Header
	hide              []string // besides the secrets: parts of it that nobody may repeat
}

// Send hands one SMS over, in one request. If the template fails for this
// message, the class is DeadAccount: no other message would get through
// either.
func (s *Sender) Send(ctx context.Context, m paging.Message) paging.Result {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o, err := s.order(m, time.Now())
	if err != nil {
		return paging.Result{Class: paging.DeadAccount, Code: "template", Detail: s.secrets.quote(err.Error(), o.hide...)}
	}
	var w paging.Wire
	req, err := http.NewRequestWithContext(w.Watch(ctx), o.method, o.url, strings.NewReader(o.body))
	if err != nil {
		return paging.Result{Class: paging.DeadAccount, Code: "template", Detail: s.secrets.quote(bare(err).Error(), o.hide...)}
	}
	req.Header = o.header
	if host := o.header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := s.http.Do(req)
	if err != nil {
		return s.failed(err, w.Left(err), o)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status counts even if the rest is lost
	r := s.judge(res.StatusCode, res.Header, body, o)          //nolint:contextcheck // an expression has its own second, however late the call is
	s.sent.keep(r.ProviderID, m)
	return r
}

// order renders a message. Its error may quote a secret. The order is never nil.
func (s *Sender) order(m paging.Message, now time.Time) (*order, error) {
	p := s.program
	o := &order{method: p.spec.Request.Method, header: http.Header{}, hide: links(m.Text)}
	key, ref := "", ""
	if m.Key != (ticket.PageKey{}) {
		key = m.Key.String()
		ref = m.Source + "/" + key
	}
	data := map[string]any{
		"To": m.To, "From": s.from, "Text": m.Text, "Unicode": unicode(m.Text), "Page": key, "Source": m.Source, "Ref": ref, "Urgency": m.Urgency.String(),
		"ReceiptURL": s.receiptURL(m.Source, key), "ReplyURL": s.replyURL(), "Now": now, "Secret": s.secrets.values,
	}
	var err error
	if o.url, err = render(p.url, data); err != nil {
		return o, fmt.Errorf("request.url: %w", err)
	}
	if o.body, err = render(p.body, data); err != nil {
		return o, fmt.Errorf("request.body: %w", err)
	}
	data["Method"], data["URL"], data["Body"] = o.method, o.url, o.body
	o.header.Set("Accept", "application/json, */*;q=0.5")
	o.header.Set("User-Agent", "astreinte")
	if p.spec.Request.ContentType != "" {
		o.header.Set("Content-Type", p.spec.Request.ContentType)
	}
	for name, t := range p.headers {
		value, err := render(t, data)
		if err == nil && !httpguts.ValidHeaderFieldValue(value) {
			err = errors.New("it has characters that no header may have")
		}
		if err != nil {
			return o, fmt.Errorf("request.headers.%s: %w", name, err)
		}
		o.header.Set(name, value)
		if strings.Contains(t.Root.String(), ".Secret") {
			o.hide = append(o.hide, value)
		}
	}
	return o, nil
}

// unicode says that a text has letters outside GSM-7.
func unicode(text string) bool {
	_, plain := words.Septets(text)
	return !plain
}

// links are the addresses in a text: whoever has one can act.
func links(text string) []string {
	var found []string
	for _, word := range strings.Fields(text) {
		if strings.Contains(word, "://") {
			found = append(found, word, word[strings.LastIndex(word, "/")+1:])
		}
	}
	return found
}

// bare is a client's error without the address, which may hold a secret.
func bare(err error) error {
	if about := (*url.Error)(nil); errors.As(err, &about) {
		return about.Err
	}
	return err
}

// failed is the result for a call without an answer. It depends on whether the
// order can have arrived.
func (s *Sender) failed(err error, left bool, o *order) paging.Result {
	r := paging.Result{Class: paging.Transient, Code: "connect"}
	if left {
		r.Class, r.Code = paging.OutcomeUnknown, "connection_lost"
	}
	var dns *net.DNSError
	switch timed := net.Error(nil); {
	case errors.Is(err, context.Canceled):
		r.Code = "cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		r.Code = "timeout"
	case errors.As(err, &dns):
		r.Code = "dns"
	}
	r.Detail = s.secrets.quote(bare(err).Error(), o.hide...)
	return r
}
