package phonetest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Attempt is one call of a provider's API, whatever became of it.
type Attempt struct {
	At   time.Time
	Kind Kind
	// To is the number or token; empty if the call was refused before it was
	// read.
	To string
	// Status is the answer's; 0 if no answer was given.
	Status int
	// Code is the provider's error: Twilio's number or FCM's name; otherwise
	// empty.
	Code string
	// SID is the message's, if it was accepted.
	SID string
}

// String is one line for people.
func (a Attempt) String() string {
	answer := "no answer"
	if a.Status != 0 {
		answer = fmt.Sprintf("%d %s", a.Status, a.Code)
	}
	return fmt.Sprintf("%s to %s, %s: %s", a.Kind, a.To, a.At.Format("15:04:05.000"), answer)
}

// Attempts returns every call so far, those that were refused too, in the
// order of their answers.
func (w *World) Attempts() []Attempt {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Attempt(nil), w.attempts...)
}

// answer is what a face answers to a call.
type answer struct {
	status     int
	mime       string
	body       []byte
	code       string // the provider's error, for the Attempt
	retryAfter time.Duration
	location   string
}

// write sends the whole answer, so that what follows from it comes after it.
func (a answer) write(rw http.ResponseWriter) {
	h := rw.Header()
	h.Set("Content-Type", a.mime)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(a.retryAfter.Seconds())))
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body)                    // the client may be gone
	_ = http.NewResponseController(rw).Flush() // not possible in process
}

// htmlAnswer is the answer of a proxy before the provider.
func htmlAnswer(status int, body string) answer {
	if body == "" {
		body = fmt.Sprintf("<html><head><title>%[1]d %[2]s</title></head><body><h1>%[2]s</h1></body></html>\n",
			status, http.StatusText(status))
	}
	return answer{status: status, mime: "text/html; charset=utf-8", body: []byte(body)}
}

// refuse answers a call that was wrong in itself.
func (w *World) refuse(rw http.ResponseWriter, kind Kind, to string, a answer) {
	w.note(kind, to, a, "")
	a.write(rw)
}

// note writes an Attempt down.
func (w *World) note(kind Kind, to string, a answer, sid string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts = append(w.attempts, Attempt{
		At: w.opt.Now(), Kind: kind, To: to, Status: a.status, Code: a.code, SID: sid,
	})
	w.changed()
}

// settle decides what becomes of a valid order: its fault, or success. success
// makes the answer once the message is accepted. The message sets out for its
// phone after the answer.
func (w *World) settle(rw http.ResponseWriter, r *http.Request, rec *record, success func(*record) answer) {
	f := w.faultFor(rec.Kind, rec.To)
	if f.Latency > 0 && !w.wait(r.Context(), f.Latency) {
		w.note(rec.Kind, rec.To, answer{}, "")
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Hang || f.Cut:
		w.lose(r, rec, f)
	case f.refuses():
		a := refusal(rec.Kind, rec.To, f)
		a.retryAfter = f.RetryAfter
		w.refuse(rw, rec.Kind, rec.To, a)
	default:
		w.accept(rec, f)
		a := success(rec)
		w.note(rec.Kind, rec.To, a, rec.SID)
		if f.Answer > 0 {
			w.carry(rec)
			if !w.wait(r.Context(), f.Answer) {
				panic(http.ErrAbortHandler)
			}
			a.write(rw)
			return
		}
		a.write(rw)
		w.carry(rec)
	}
}

// lose ends a call without an answer.
func (w *World) lose(r *http.Request, rec *record, f Fault) {
	sid := ""
	if f.Taken {
		w.accept(rec, f)
		sid = rec.SID
		w.carry(rec)
	}
	w.note(rec.Kind, rec.To, answer{}, sid)
	if f.Hang {
		select {
		case <-r.Context().Done():
		case <-w.life.Done():
		}
	}
	panic(http.ErrAbortHandler)
}

// refusal is the answer that a fault gives.
func refusal(kind Kind, to string, f Fault) answer {
	switch {
	case f.Body != "":
	case kind == SMS && f.Code != 0:
		return twilioError(f.Status, f.Code, to)
	case kind == Push && f.FCM != "":
		return fcmError(f.Status, f.FCM)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	return htmlAnswer(status, f.Body)
}

// accept makes an order a message of the World, unless it is a call for an
// access token.
func (w *World) accept(rec *record, f Fault) {
	if rec.Kind == OAuth {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	rec.fault = f
	rec.reached = make(chan struct{})
	rec.Accepted = w.opt.Now()
	rec.updated = rec.Accepted
	if rec.Kind == SMS {
		rec.phone = w.byNumber[rec.To]
	}
	w.records = append(w.records, rec)
	w.bySID[rec.SID] = rec
	w.changed()
}

// carry sends a message towards its phone, and its receipts towards the
// daemon.
func (w *World) carry(rec *record) {
	if rec.Kind == OAuth {
		return
	}
	if rec.fault.Receipt == "" {
		w.spawn(func() {
			if w.wait(w.life, w.opt.Delay) {
				w.arrive(rec)
			}
		})
	}
	if rec.Kind == SMS {
		w.spawn(func() { w.report(rec) })
	}
}
