package twilio

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// status hands a receipt to the listener.
func (h *handler) status(w http.ResponseWriter, r *http.Request, hook webhook) {
	receipt, class, news := readReceipt(hook)
	if !news {
		h.observe(EventIgnored)
		writeTwiML(w, "")
		return
	}
	if receipt.Source == "" && receipt.ProviderID == "" {
		h.observe(EventMalformed)
		writeTwiML(w, "") // a repeat would be no better
		return
	}
	receipt.At = time.Now()
	err := h.listener.Receive(r.Context(), receipt, class)
	switch {
	case err == nil:
		h.observe(EventReceipt)
	case errors.Is(err, escalation.ErrNotFound):
		h.observe(EventReceiptOrphan)
	default:
		h.retry(w, "receipt", receipt.ProviderID, err)
		return
	}
	writeTwiML(w, "")
}

// readReceipt reads a status callback. news is false for a state before
// "sent", which only says that Twilio has it, and for a state that we do not
// know.
func readReceipt(hook webhook) (r paging.Receipt, class paging.Class, news bool) {
	state := pageState(hook.first("MessageStatus", "SmsStatus"))
	if state == "" {
		return paging.Receipt{}, paging.Accepted, false
	}
	r = paging.Receipt{State: state, ProviderID: hook.id()}
	// The callback's address says which page it is, even if the answer with the
	// id was lost.
	if key, err := ticket.ParsePageKey(hook.query.Get("page")); err == nil && hook.query.Get("source") != "" {
		r.Key, r.Source = key, hook.query.Get("source")
	}
	if state != ticket.PageUndelivered && state != ticket.PageFailed {
		return r, paging.Accepted, true
	}
	code, _ := strconv.Atoi(hook.form.Get("ErrorCode")) // missing, or not a number: unknown
	r.Error = receiptError(code)
	return r, Classify(code, 0), true
}

// pageState is what one of Twilio's states means for a page; empty: nothing.
func pageState(status string) ticket.PageState {
	switch status {
	case "sent":
		return ticket.PageSent
	case "delivered", "read":
		return ticket.PageDelivered
	case "undelivered":
		return ticket.PageUndelivered
	case "failed", "canceled": // canceled: somebody did so in Twilio's console
		return ticket.PageFailed
	}
	return ""
}

// receiptError is the code with its text, as a page shows it.
func receiptError(code int) string {
	if code == 0 {
		return "no reason given"
	}
	s := strconv.Itoa(code)
	if m, known := codes[code]; known {
		s += ": " + m.text
	}
	return s
}
