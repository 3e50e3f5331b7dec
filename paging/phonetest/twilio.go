package phonetest

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	twilioVersion = "2010-04-01"
	maxBody       = 1600    // characters of an SMS, all parts together
	maxRequest    = 1 << 20 // bytes of a request that are read
	maxValidity   = 36000   // the longest ValidityPeriod, in seconds
)

var (
	e164        = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	alphaSender = regexp.MustCompile(`^[A-Za-z0-9 +&_-]*[A-Za-z][A-Za-z0-9 +&_-]*$`)
	serviceSID  = regexp.MustCompile(`^MG[0-9a-f]{32}$`)
)

// twilioCreate is POST Messages.json: 201 and the message, or Twilio's error.
func (w *World) twilioCreate(rw http.ResponseWriter, r *http.Request) {
	if !w.twilioKnows(r) {
		w.refuse(rw, SMS, "", twilioError(http.StatusUnauthorized, 20003, ""))
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		w.refuse(rw, SMS, "", twilioError(http.StatusUnsupportedMediaType, 21604, ""))
		return
	}
	r.Body = http.MaxBytesReader(rw, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		w.refuse(rw, SMS, "", twilioError(http.StatusBadRequest, 20001, ""))
		return
	}
	form := r.PostForm
	if code, about := w.orderFault(form); code != 0 {
		w.refuse(rw, SMS, form.Get("To"), twilioError(http.StatusBadRequest, code, about))
		return
	}
	w.settle(rw, r, w.order(form), w.created)
}

// twilioKnows checks the basic auth, and that the path's account is its user.
func (w *World) twilioKnows(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	ok := subtle.ConstantTimeCompare([]byte(user), []byte(w.opt.AccountSID)) &
		subtle.ConstantTimeCompare([]byte(password), []byte(w.opt.AuthToken))
	return ok == 1 && r.PathValue("account") == w.opt.AccountSID
}

// orderFault returns what is wrong with an order: Twilio's code, and what its
// text is about. The code is 0 if nothing is wrong.
func (w *World) orderFault(form url.Values) (code int, about string) {
	to, from, body := form.Get("To"), form.Get("From"), form.Get("Body")
	service, callback := form.Get("MessagingServiceSid"), form.Get("StatusCallback")
	validity, err := strconv.Atoi(form.Get("ValidityPeriod"))
	validityBad := form.Has("ValidityPeriod") && (err != nil || validity < 1 || validity > maxValidity)
	switch {
	case to == "":
		return 21604, ""
	case !e164.MatchString(to):
		return 21211, to
	case from == "" && service == "":
		return 21603, ""
	case service != "" && !serviceSID.MatchString(service):
		return 21701, service
	case from != "" && from != w.opt.Number && !isAlphaSender(from):
		return 21606, from
	case body == "":
		return 21602, ""
	case utf8.RuneCountInString(body) > maxBody:
		return 21617, ""
	case callback != "" && !isWebURL(callback):
		return 21609, callback
	case validityBad:
		return 20001, ""
	case w.hasOptedOut(to):
		return 21610, to
	}
	return 0, ""
}

// isAlphaSender says whether a sender is a name: up to 11 characters, with a
// letter among them. Nobody can answer a name.
func isAlphaSender(from string) bool {
	return len(from) <= 11 && alphaSender.MatchString(from)
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (w *World) hasOptedOut(number string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.optedOut[number]
}

// order makes a valid form a record that nobody has accepted yet.
func (w *World) order(form url.Values) *record {
	rec := &record{
		Message: Message{
			Kind:   SMS,
			From:   form.Get("From"),
			To:     form.Get("To"),
			Body:   form.Get("Body"),
			SID:    "SM" + randomHex(),
			Status: "queued",
		},
		service:  form.Get("MessagingServiceSid"),
		callback: form.Get("StatusCallback"),
		giveUp:   w.opt.GiveUp,
	}
	rec.Encoding, rec.Segments = segments(rec.Body)
	if rec.From == "" { // the service chooses the number after it has accepted
		rec.From, rec.Status = w.opt.Number, "accepted"
	}
	if seconds, err := strconv.Atoi(form.Get("ValidityPeriod")); err == nil {
		rec.giveUp = min(rec.giveUp, time.Duration(seconds)*time.Second)
	}
	return rec
}

func (w *World) created(rec *record) answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return jsonAnswer(http.StatusCreated, w.resource(rec))
}

// twilioFetch is GET Messages/SM….json: 200 and the message as it is now.
func (w *World) twilioFetch(rw http.ResponseWriter, r *http.Request) {
	if !w.twilioKnows(r) {
		twilioError(http.StatusUnauthorized, 20003, "").write(rw)
		return
	}
	sid, isJSON := strings.CutSuffix(r.PathValue("file"), ".json")
	w.mu.Lock()
	rec := w.bySID[sid]
	if !isJSON || rec == nil || rec.Kind != SMS {
		w.mu.Unlock()
		w.twilioUnknown(rw, r)
		return
	}
	a := jsonAnswer(http.StatusOK, w.resource(rec))
	w.mu.Unlock()
	a.write(rw)
}

func (w *World) twilioUnknown(rw http.ResponseWriter, r *http.Request) {
	twilioError(http.StatusNotFound, 20404, r.URL.Path).write(rw)
}

// messageResource is Twilio's message, as its API description shows it.
type messageResource struct {
	AccountSID          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           *string           `json:"price_unit"`
	SID                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

// resource returns the message as Twilio shows it. The caller holds the lock.
func (w *World) resource(rec *record) messageResource {
	path := fmt.Sprintf("/%s/Accounts/%s/Messages/%s", twilioVersion, w.opt.AccountSID, rec.SID)
	m := messageResource{
		AccountSID:      w.opt.AccountSID,
		APIVersion:      twilioVersion,
		Body:            rec.Body,
		DateCreated:     twilioDate(rec.Accepted),
		DateUpdated:     twilioDate(rec.updated),
		Direction:       "outbound-api",
		NumMedia:        "0",
		NumSegments:     strconv.Itoa(rec.Segments),
		SID:             rec.SID,
		Status:          rec.Status,
		SubresourceURIs: map[string]string{"media": path + "/Media.json"},
		To:              rec.To,
		URI:             path + ".json",
	}
	if rec.Status != "accepted" {
		m.From = &rec.From
	}
	if rec.service != "" {
		m.MessagingServiceSID = &rec.service
	}
	if !rec.sent.IsZero() {
		date := twilioDate(rec.sent)
		m.DateSent = &date
	}
	if rec.ErrorCode != 0 {
		code, text := rec.ErrorCode, twilioText(rec.ErrorCode, rec.To)
		m.ErrorCode, m.ErrorMessage = &code, &text
	}
	return m
}

// twilioDate writes RFC 2822, as this version of the API does.
func twilioDate(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// jsonAnswer writes v as JSON; v is always one of this package's own shapes.
func jsonAnswer(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return htmlAnswer(http.StatusInternalServerError, err.Error())
	}
	return answer{status: status, mime: "application/json; charset=utf-8", body: body}
}
