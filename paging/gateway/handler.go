package gateway

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// What a handler observes, for a metric: one event for each receipt or text,
// and one for each request that is refused.
const (
	EventText          = "text"           // a text was handed over
	EventTextAgain     = "text_again"     // a text that was answered before
	EventOptOut        = "opt_out"        // with EventText: STOP or its like; the carrier takes no more SMS for that number
	EventReplyFailed   = "reply_failed"   // with EventText: the gateway did not take the reply
	EventReceipt       = "receipt"        // a receipt was handed over
	EventReceiptOrphan = "receipt_orphan" // no page has that id
	EventIgnored       = "ignored"        // a state that is no news, or that the Spec does not describe
	EventMalformed     = "malformed"      // not in its format, too big, or without what is needed
	EventForged        = "forged"         // the gateway did not show who it is
	EventRetry         = "retry"          // the listener could not act; the gateway got a 503
)

const (
	complainEvery = time.Minute // the same trouble is logged no more often than this
)

// NewHandler serves /sms/NAME/receipt and /sms/NAME/reply, if the Spec
// describes them, by the Spec's method. Another method gets 405, another path
// 404. s is the Sender made of the same c: it sends replies.
//
// A request that does not show who sent it gets 403. One that is not in its
// format, or lacks what is needed, gets 400. A body over 256 KiB gets 413. If
// the listener returns an error, the answer is 503, so that the gateway sends
// the request again; nothing was done. A receipt of an unknown page is
// recorded by its event, and answered like any other.
//
// A text whose id was answered before is not acted on again. It gets the same
// answer, as long as this daemon remembers it (the latest 1024), and its reply
// is not sent a second time. A reply by SMS is tried once: if it is lost,
// answering again costs the person less than a second message would.
//
// observe is called with one of the events above. observe and log may be nil.
func NewHandler(c Config, s *Sender, l paging.Listener, log *zap.Logger, observe func(event string)) http.Handler {
	h := &handler{
		name: c.Name, program: s.program, secrets: s.secrets, sender: s, client: c.Client, listener: l, log: log, observe: observe,
		failing: rate.Sometimes{Interval: complainEvery}, odd: rate.Sometimes{Interval: complainEvery},
	}
	if h.log == nil {
		h.log = zap.NewNop()
	}
	if h.observe == nil {
		h.observe = func(string) {}
	}
	if h.client == nil {
		h.client = peer
	}
	mux := http.NewServeMux()
	for pattern, do := range h.routes() {
		mux.HandleFunc(pattern, do)
	}
	return mux
}

// routes are the webhooks that the Spec describes, by pattern.
func (h *handler) routes() map[string]http.HandlerFunc {
	routes, base := map[string]http.HandlerFunc{}, "/sms/"+h.name
	if r := h.program.spec.Receipts; r != nil {
		routes[r.Method+" "+base+"/receipt"] = h.authentic(r.Webhook, h.program.receipts.each, h.receipts)
	}
	if r := h.program.spec.Replies; r != nil {
		routes[r.Method+" "+base+"/reply"] = h.authentic(r.Webhook, h.program.replies.each, h.texts)
	}
	return routes
}

type handler struct {
	name     string
	program  *program
	secrets  *vault
	sender   *Sender
	client   func(*http.Request) netip.Addr
	listener paging.Listener
	log      *zap.Logger
	observe  func(event string)
	known    known
	failing  rate.Sometimes
	odd      rate.Sometimes
}

func peer(r *http.Request) netip.Addr {
	a, _ := netip.ParseAddrPort(r.RemoteAddr) // the zero address is in no network
	return a.Addr().Unmap()
}

// authentic refuses whoever is not the gateway. It reads the request, and
// hands its items on.
func (h *handler) authentic(w Webhook, each *expr, next func(http.ResponseWriter, *http.Request, []input)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		if !w.Auth.admits(r, h.client(r), h.secrets.values) {
			h.forged(out)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, ticket.MaxGatewayBody))
		if err != nil {
			h.malformed(out, err)
			return
		}
		if !w.Auth.signed(r, body, h.secrets.values) {
			h.forged(out)
			return
		}
		text := string(body)
		if w.Format == "query" {
			text = r.URL.RawQuery
		}
		in, err := fields(w.Format, text, r.URL.Query())
		if err != nil {
			h.malformed(out, err)
			return
		}
		items, err := split(each, in) //nolint:contextcheck // an expression has its own second, however late the call is
		if err != nil {
			h.malformed(out, err)
			return
		}
		next(out, r, items)
	}
}

// fields reads the fields of a request.
func fields(format, text string, query url.Values) (input, error) {
	in := input{query: firsts(query)}
	if format == "json" {
		v, err := parseJSON([]byte(strings.ToValidUTF8(text, "�")))
		in.value = v
		return in, err
	}
	form, err := paging.ParseForm(text)
	if err != nil {
		return in, fmt.Errorf("not a form: %w", err)
	}
	in.value = firsts(form)
	return in, nil
}

// firsts is a form as expressions see it: the first value of each name.
func firsts(form url.Values) map[string]any {
	values := make(map[string]any, len(form))
	for name, list := range form {
		if len(list) > 0 {
			values[strings.ToValidUTF8(name, "�")] = strings.ToValidUTF8(list[0], "�")
		}
	}
	return values
}

// split are the items of a request. Without an expression to split it, it is
// one item.
func split(each *expr, in input) ([]input, error) {
	if each == nil {
		return []input{in}, nil
	}
	values, err := each.all(in)
	items := make([]input, len(values))
	for i, v := range values {
		items[i] = input{value: v, query: in.query}
	}
	return items, err
}

func (h *handler) forged(w http.ResponseWriter) {
	h.observe(EventForged)
	http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
}

// malformed logs what does not fit, because the Spec may be wrong.
func (h *handler) malformed(w http.ResponseWriter, err error) {
	h.observe(EventMalformed)
	h.odd.Do(func() {
		h.log.Warn("gateway: a request was not understood: does its description fit?",
			zap.String("gateway", h.name), zap.String("why", ticket.Logged(h.secrets.quote(err.Error()))))
	})
	status := http.StatusBadRequest
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, http.StatusText(status), status)
}

// retry tells the gateway that the request could not be acted on now.
func (h *handler) retry(w http.ResponseWriter, what string, err error) {
	h.observe(EventRetry)
	h.failing.Do(func() {
		h.log.Error("gateway: "+what+" not taken, answered 503", zap.String("gateway", h.name), zap.Error(err))
	})
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// done answers as the Spec says.
func done(w http.ResponseWriter, a Answer, body string) {
	kind := a.ContentType
	if kind == "" {
		kind = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	_, _ = io.WriteString(w, body) // the gateway may be gone
}
