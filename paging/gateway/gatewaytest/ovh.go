package gatewaytest

import (
	"bytes"
	"context"
	"crypto/sha1" // the algorithm of OVHcloud's signature
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// OVH stands in for OVHcloud's SMS API: POST /1.0/sms/{account}/jobs, signed.
type OVH struct {
	account
	Account                                        string // sms-xx12345-1
	ApplicationKey, ApplicationSecret, ConsumerKey string
}

// The account of docs/gateways/ovh.yml, and the address of the API.
const (
	OVHAccount = "sms-xx12345-1"
	OVHHost    = "eu.api.ovh.com"
	// OVHShortNumber is the sender of a text that can be answered.
	OVHShortNumber = "38064"
)

// NewOVH returns a stand-in with new keys.
func NewOVH(o Options) *OVH {
	return &OVH{
		account: newAccount(o), Account: OVHAccount,
		ApplicationKey: "7kbG7Bk7S9Nt7ZSV", ApplicationSecret: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", ConsumerKey: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
	}
}

// ovhJob is what a job may have, by the API's schema.
type ovhJob struct {
	Charset              string   `json:"charset"`
	Class                string   `json:"class"`
	Coding               string   `json:"coding"`
	DifferedPeriod       int      `json:"differedPeriod"`
	Message              string   `json:"message"`
	NoStopClause         bool     `json:"noStopClause"`
	Priority             string   `json:"priority"`
	Receivers            []string `json:"receivers"`
	ReceiversDocumentURL string   `json:"receiversDocumentUrl"`
	ReceiversSlotID      string   `json:"receiversSlotId"`
	Sender               string   `json:"sender"`
	SenderForResponse    bool     `json:"senderForResponse"`
	Tag                  string   `json:"tag"`
	ValidityPeriod       int      `json:"validityPeriod"`
}

// ServeHTTP answers an order.
func (o *OVH) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !o.begin(w) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/1.0/sms/"+o.Account+"/jobs" {
		o.refuse(w, http.StatusNotFound, "NOT_FOUND", "This service does not exist")
		return
	}
	if !o.signed(w, r, body) {
		return
	}
	job := ovhJob{}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	switch err := dec.Decode(&job); {
	case err != nil:
		o.refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "[body] Given data is not valid for type sms.Job")
	case job.Message == "" || len(job.Receivers) == 0:
		o.refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "Missing message or receivers")
	case job.SenderForResponse == (job.Sender != ""):
		o.refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "Either sender or senderForResponse must be given")
	case job.SenderForResponse && strings.Contains(job.Message, "://"):
		// The FAQ says that such texts are blocked, but not with which answer.
		o.refuse(w, http.StatusForbidden, "FORBIDDEN", "URL are not allowed with a short number")
	case !o.affords(len(job.Receivers)):
		// The documentation does not show this answer.
		o.refuse(w, http.StatusForbidden, "FORBIDDEN", "Not enough credits")
	default:
		writeJSON(w, http.StatusOK, o.queueJob(job))
	}
}

func (o *OVH) refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]string{
		"errorCode": code, "httpCode": strconv.Itoa(status) + " " + http.StatusText(status), "message": message,
	})
}

// ovhSkew is how far a request's timestamp may be off.
const ovhSkew = 30 * time.Second

// signed checks the four headers as the API does. A wrong key gets a 403; a
// wrong signature or time gets a 400.
func (o *OVH) signed(w http.ResponseWriter, r *http.Request, body []byte) bool {
	if r.Header.Get("X-Ovh-Application") != o.ApplicationKey {
		o.refuse(w, http.StatusForbidden, "INVALID_KEY", "This application key is invalid")
		return false
	}
	if r.Header.Get("X-Ovh-Consumer") != o.ConsumerKey {
		o.refuse(w, http.StatusForbidden, "INVALID_CREDENTIAL", "This credential is not valid")
		return false
	}
	stamp := r.Header.Get("X-Ovh-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if skew := o.opt.Now().Sub(time.Unix(seconds, 0)); err != nil || skew > ovhSkew || skew < -ovhSkew {
		o.refuse(w, http.StatusBadRequest, "QUERY_TIME_OUT", "Query out of time")
		return false
	}
	sum := sha1.Sum([]byte(strings.Join([]string{
		o.ApplicationSecret, o.ConsumerKey, r.Method, "https://" + OVHHost + r.URL.RequestURI(), string(body), stamp,
	}, "+")))
	if r.Header.Get("X-Ovh-Signature") != "$1$"+hex.EncodeToString(sum[:]) {
		o.refuse(w, http.StatusBadRequest, "INVALID_SIGNATURE", "Invalid signature")
		return false
	}
	return true
}

func (o *OVH) affords(texts int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.credits >= texts
}

var ovhNumber = regexp.MustCompile(`^(\+|00)[1-9][0-9]{7,14}$`)

// queueJob keeps what can be sent. The answer names the numbers that cannot.
func (o *OVH) queueJob(job ovhJob) map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	from := job.Sender
	if job.SenderForResponse {
		from = OVHShortNumber
	}
	ids, valid, invalid := []int64{}, []string{}, []string{}
	for _, number := range job.Receivers {
		if !ovhNumber.MatchString(number) || o.barred[strings.TrimLeft(number, "+0")] {
			invalid = append(invalid, number)
			continue
		}
		id := int64(600000001 + len(o.texts))
		o.credits--
		o.texts = append(o.texts, SMS{ID: strconv.FormatInt(id, 10), From: from, To: number, Text: written(job.Message, job.Coding == "8bit"), At: o.opt.Now()})
		ids, valid = append(ids, id), append(valid, number)
	}
	return map[string]any{"totalCreditsRemoved": len(ids), "invalidReceivers": invalid, "ids": ids, "validReceivers": valid}
}

// Receipt calls the account's callback. ptt is the state; description is the
// id of the DLR (1: success, 2: failed).
func (o *OVH) Receipt(ctx context.Context, id string, ptt, description int) (Answer, error) {
	u, err := url.Parse(o.opt.ReceiptURL)
	if err != nil {
		return Answer{}, err
	}
	query := u.Query()
	query.Set("id", id)
	query.Set("ptt", strconv.Itoa(ptt))
	query.Set("date", o.opt.Now().Format(time.DateTime))
	query.Set("description", strconv.Itoa(description))
	query.Set("descriptionDlr", map[int]string{1: "Success", 2: "Failed"}[description])
	u.RawQuery = query.Encode()
	return o.send(ctx, http.MethodGet, u.String(), "", "")
}

// Reply calls the script for the account's answers with a form.
func (o *OVH) Reply(ctx context.Context, id, from, text string) (Answer, error) {
	form := url.Values{"id": {id}, "senderid": {from}, "shortcode": {OVHShortNumber}, "message": {text}, "tag": {""}}
	return o.send(ctx, http.MethodPost, o.opt.ReplyURL, "application/x-www-form-urlencoded", form.Encode())
}
