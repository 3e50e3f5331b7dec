package phonetest

import (
	"net/url"
	"slices"
	"strconv"
)

// report gives an SMS its states, one Delay after the other. It posts a
// receipt of each to the SMS's StatusCallback.
func (w *World) report(rec *record) {
	w.stage(rec, "queued", 0)
	if !w.wait(w.life, w.opt.Delay) {
		return
	}
	if rec.fault.Receipt != "failed" { // a failed SMS never reached a carrier
		w.stage(rec, "sent", 0)
	}
	status, code, known := w.outcome(rec)
	if !known {
		return
	}
	w.stage(rec, status, code)
	if rec.fault.Receipts == OutOfOrder {
		w.receipt(rec, "sent", 0)
	}
}

// outcome waits for an SMS's final state. It is false if the World ended
// first. A number that nobody has ends as 30005, a phone that stays off as
// 30003.
func (w *World) outcome(rec *record) (status string, code int, known bool) {
	switch {
	case rec.fault.Receipt != "":
		return rec.fault.Receipt, rec.fault.ReceiptCode, w.wait(w.life, w.opt.Delay)
	case rec.phone == nil:
		return "undelivered", 30005, w.wait(w.life, w.opt.Delay)
	}
	select {
	case <-rec.reached:
	case <-w.opt.After(rec.giveUp):
		if w.abandon(rec) {
			return "undelivered", 30003, true
		}
	case <-w.life.Done():
		return "", 0, false
	}
	return "delivered", 0, w.wait(w.life, w.opt.Delay)
}

// stage sets the SMS's state and posts the receipt, as the SMS's fault says.
func (w *World) stage(rec *record, status string, code int) {
	w.mu.Lock()
	rec.Status, rec.ErrorCode, rec.updated = status, code, w.opt.Now()
	if status == "sent" {
		rec.sent = rec.updated
	}
	w.changed()
	w.mu.Unlock()
	switch rec.fault.Receipts {
	case Withheld:
	case Twice:
		w.receipt(rec, status, code)
		w.receipt(rec, status, code)
	case OutOfOrder:
		if status != "sent" {
			w.receipt(rec, status, code)
		}
	case InOrder:
		w.receipt(rec, status, code)
	}
}

// receipt posts one status callback. Callbacks shows what the daemon answered.
// It is not posted again.
func (w *World) receipt(rec *record, status string, code int) {
	if rec.callback == "" {
		return
	}
	form := url.Values{
		"AccountSid":    {w.opt.AccountSID},
		"ApiVersion":    {twilioVersion},
		"From":          {rec.From},
		"MessageSid":    {rec.SID},
		"MessageStatus": {status},
		"SmsSid":        {rec.SID},
		"SmsStatus":     {status},
		"To":            {rec.To},
	}
	if rec.service != "" {
		form.Set("MessagingServiceSid", rec.service)
	}
	if code != 0 {
		form.Set("ErrorCode", strconv.Itoa(code))
	}
	if slices.Contains([]string{"delivered", "undelivered"}, status) {
		form.Set("RawDlrDoneDate", w.opt.Now().UTC().Format("0601021504"))
	}
	_, _ = w.post(w.life, rec.callback, form) // post notes the answer
}
