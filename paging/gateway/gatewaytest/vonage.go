package gatewaytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Vonage stands in for Vonage's SMS API: POST /sms/json. The API itself
// answers only with 200; the status in the body says what became of the order.
type Vonage struct {
	account
	APIKey, APISecret string
	Number            string // rented; the only sender that it allows; digits
	throttled         int
}

// VonageHost is the host of the API.
const VonageHost = "rest.nexmo.com"

// NewVonage returns a stand-in with a new key and the number of
// docs/gateways/vonage.yml.
func NewVonage(o Options) *Vonage {
	return &Vonage{account: newAccount(o), APIKey: "abcd1234", APISecret: "abcdef0123456789", Number: "33644630000"}
}

// Throttle refuses the next orders as too fast, this many.
func (v *Vonage) Throttle(orders int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.throttled = orders
}

var vonageNumber = regexp.MustCompile(`^[0-9]{7,15}$`)

// ServeHTTP answers an order.
func (v *Vonage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !v.begin(w) {
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/sms/json" {
		http.NotFound(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		v.refuse(w, "3", "Invalid parameters")
		return
	}
	status, text := v.wrong(r.PostForm)
	if status != "" {
		v.refuse(w, status, text)
		return
	}
	writeJSON(w, http.StatusOK, v.queueMessage(r.PostForm))
}

func (v *Vonage) refuse(w http.ResponseWriter, status, text string) {
	writeJSON(w, http.StatusOK, map[string]any{
		"message-count": "1", "messages": []any{map[string]string{"status": status, "error-text": text}},
	})
}

// wrong says what is wrong with an order, by the API's table of errors.
func (v *Vonage) wrong(form url.Values) (status, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range []string{"api_key", "api_secret", "from", "to", "text"} {
		if form.Get(name) == "" {
			return "2", "Missing " + name + " param"
		}
	}
	ttl, err := strconv.Atoi(form.Get("ttl"))
	switch {
	case form.Get("api_key") != v.APIKey || form.Get("api_secret") != v.APISecret:
		return "4", "Bad Credentials"
	case form.Has("ttl") && (err != nil || ttl < 20000 || ttl > 604800000), !slices.Contains([]string{"", "text", "unicode"}, form.Get("type")):
		return "3", "Invalid value for parameter"
	case len(form.Get("callback")) > 100:
		return "23", "Invalid Callback Url"
	case v.throttled > 0:
		v.throttled--
		return "1", "Throughput Rate Exceeded - please wait [ 250 ] and retry"
	case !vonageNumber.MatchString(form.Get("to")):
		return "3", "Invalid to param"
	case v.barred[form.Get("to")]:
		return "7", "Number barred"
	case form.Get("from") != v.Number:
		return "15", "Illegal Sender Address - rejected"
	case v.credits <= 0:
		return "9", "Quota Exceeded - rejected"
	}
	return "", ""
}

func (v *Vonage) queueMessage(form url.Values) map[string]any {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.credits--
	sms := SMS{
		ID: fmt.Sprintf("0A0000000123AB%02X", len(v.texts)+1), From: form.Get("from"), To: form.Get("to"), Text: written(form.Get("text"), form.Get("type") == "unicode"), At: v.opt.Now(),
	}
	v.texts = append(v.texts, sms)
	return map[string]any{"message-count": "1", "messages": []any{map[string]string{
		"to": sms.To, "message-id": sms.ID, "status": "0", "remaining-balance": "3.14159265", "message-price": "0.03330000", "network": "20801",
	}}}
}

// Receipt posts a delivery receipt: status is delivered, expired, failed,
// rejected, accepted, buffered or unknown.
func (v *Vonage) Receipt(ctx context.Context, id, status string, errCode int) (Answer, error) {
	return v.post(ctx, v.opt.ReceiptURL, map[string]string{
		"messageId": id, "msisdn": "33612345601", "to": v.Number, "network-code": "20801", "price": "0.03330000",
		"status": status, "err-code": strconv.Itoa(errCode), "scts": v.opt.Now().Format("0601021504"),
	})
}

// Reply posts a text that somebody sent to the rented number.
func (v *Vonage) Reply(ctx context.Context, id, from, text string) (Answer, error) {
	keyword, _, _ := strings.Cut(strings.ToUpper(text), " ")
	return v.post(ctx, v.opt.ReplyURL, map[string]string{
		"messageId": id, "msisdn": strings.TrimLeft(from, "+"), "to": v.Number, "text": text, "type": "text", "keyword": keyword,
	})
}

func (v *Vonage) post(ctx context.Context, to string, fields map[string]string) (Answer, error) {
	fields["api-key"], fields["message-timestamp"] = v.APIKey, v.opt.Now().UTC().Format(time.DateTime)
	body, err := json.Marshal(fields)
	if err != nil {
		return Answer{}, fmt.Errorf("gatewaytest: %w", err)
	}
	return v.send(ctx, http.MethodPost, to, "application/json", string(body))
}
