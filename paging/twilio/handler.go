package twilio

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// The paths of Twilio's webhooks (docs/REFERENCE.md#http).
const (
	smsPath    = "/twilio/sms"
	statusPath = "/twilio/status"
)

// What Handler observes, for a metric: one event for each request, and
// EventOptOut besides EventText.
const (
	EventText          = "text"           // a text was handed over
	EventTextAgain     = "text_again"     // a text that was answered before: the same reply
	EventOptOut        = "opt_out"        // STOP or its like: the carrier takes no more SMS for that number
	EventReceipt       = "receipt"        // a receipt was handed over
	EventReceiptOrphan = "receipt_orphan" // no page has it
	EventIgnored       = "ignored"        // a state that is no news, or that we do not know
	EventMalformed     = "malformed"      // not a form, too big, or without what is needed
	EventForged        = "forged"         // a wrong signature
	EventWrongURL      = "wrong_url"      // a wrong signature under our own account: see public_url
	EventRetry         = "retry"          // the listener could not act; Twilio got a 503
)

// complainEvery is how often the same trouble is logged at most.
const complainEvery = time.Minute

// Handler serves POST /twilio/sms and POST /twilio/status; anything else gets
// 404 or 405. c is one that New accepted, with its PublicURL. The account must
// have signed each request (otherwise 403). A request has at most 64 KiB
// (otherwise 413). The answer is TwiML.
//
// If the listener returns an error, the answer is 503: Twilio then asks the
// number's fallback URL, and nothing was done. A receipt of an unknown page is
// recorded by its event and answered 200.
//
// Twilio repeats a webhook whose answer it missed. A text that was answered is
// not acted on again: the same MessageSid gets the same reply, as long as this
// daemon remembers it (the latest 1024). After that a repeat acts again; for
// an acknowledgement that changes nothing. Receipts may come twice and in any
// order; the store never moves a page backwards.
//
// observe is called with one of the events above. observe and log may be nil.
func Handler(c Config, l paging.Listener, log *zap.Logger, observe func(event string)) http.Handler {
	h := newHandler(c, l, log, observe)
	mux := http.NewServeMux()
	for pattern, do := range h.routes() {
		mux.HandleFunc(pattern, do)
	}
	return mux
}

// routes are the webhooks, by pattern.
func (h *handler) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"POST " + smsPath:    h.authentic(h.sms),
		"POST " + statusPath: h.authentic(h.status),
	}
}

func newHandler(c Config, l paging.Listener, log *zap.Logger, observe func(event string)) *handler {
	validator := client.NewRequestValidator(string(c.AuthToken))
	h := &handler{
		account:   c.AccountSID,
		public:    strings.TrimRight(c.PublicURL, "/"),
		validator: &validator,
		listener:  l,
		log:       log,
		observe:   observe,
		forged:    rate.Sometimes{Interval: complainEvery},
		failing:   rate.Sometimes{Interval: complainEvery},
	}
	if h.log == nil {
		h.log = zap.NewNop()
	}
	if h.observe == nil {
		h.observe = func(string) {}
	}
	return h
}

type handler struct {
	account   string
	public    string
	validator *client.RequestValidator // a pointer, because it holds the token
	listener  paging.Listener
	log       *zap.Logger
	observe   func(event string)
	replies   replies
	forged    rate.Sometimes
	failing   rate.Sometimes
}

// webhook is a request that certainly came from Twilio.
type webhook struct {
	query url.Values
	form  url.Values
}

// id is the message's id: MessageSid, or one of its older names.
func (h webhook) id() string { return paging.BoundID(h.first("MessageSid", "SmsSid", "SmsMessageSid")) }

func (h webhook) first(names ...string) string {
	for _, name := range names {
		if v := h.form.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// authentic reads the form, refuses what Twilio did not sign, and hands the
// rest on.
func (h *handler) authentic(next func(http.ResponseWriter, *http.Request, webhook)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, ticket.MaxTwilioForm))
		if err != nil {
			h.malformed(w, err)
			return
		}
		form, err := paging.ParseForm(string(body))
		if err != nil {
			h.malformed(w, err)
			return
		}
		if !h.signed(r, body, form) {
			h.refuse(w, r, form)
			return
		}
		next(w, r, webhook{query: r.URL.Query(), form: form})
	}
}

func (h *handler) malformed(w http.ResponseWriter, err error) {
	h.observe(EventMalformed)
	status := http.StatusBadRequest
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, http.StatusText(status), status)
}

// refuse answers a wrong signature. If the account is ours, it is most likely
// Twilio itself, at another URL than our public_url.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, form url.Values) {
	http.Error(w, "wrong signature", http.StatusForbidden)
	if form.Get("AccountSid") != h.account {
		h.observe(EventForged)
		return
	}
	h.observe(EventWrongURL)
	h.forged.Do(func() {
		h.log.Warn("twilio: wrong signature under our own account: is public_url what Twilio calls, and the auth token the primary one?",
			zap.String("expected_url", ticket.Logged(h.publicURL(r))))
	})
}

// retry tells Twilio that the request could not be acted on now.
func (h *handler) retry(w http.ResponseWriter, what, id string, err error) {
	h.observe(EventRetry)
	h.failing.Do(func() {
		h.log.Error("twilio: "+what+" not taken, answered 503", zap.String("sid", ticket.Logged(id)), zap.Error(err))
	})
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}
