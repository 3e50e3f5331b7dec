package twilio

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strings"
	"sync"

	"github.com/astreinte/astreinte/paging"
)

// sms hands a text to the listener and sends its reply. A text may have no
// Body, and To may be a short code. Without From it is malformed.
func (h *handler) sms(w http.ResponseWriter, r *http.Request, hook webhook) {
	text := paging.Text{
		From:       hook.form.Get("From"),
		To:         hook.form.Get("To"),
		Body:       hook.form.Get("Body"),
		ProviderID: hook.id(),
	}
	text.Bound()
	if text.From == "" {
		h.observe(EventMalformed)
		writeTwiML(w, "")
		return
	}
	if reply, again := h.replies.of(text.ProviderID); again {
		h.observe(EventTextAgain)
		writeTwiML(w, reply)
		return
	}
	reply, err := h.listener.Answer(r.Context(), text)
	if err != nil {
		h.retry(w, "text", text.ProviderID, err)
		return
	}
	h.replies.keep(text.ProviderID, reply)
	h.observe(EventText)
	if optsOut(hook, text.Body) {
		h.observe(EventOptOut)
	}
	writeTwiML(w, reply)
}

func optsOut(hook webhook, body string) bool {
	return strings.EqualFold(hook.form.Get("OptOutType"), "STOP") || paging.OptsOut(body)
}

// writeTwiML answers 200 with a message to whoever texted; no message if it is
// empty.
func writeTwiML(w http.ResponseWriter, message string) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if message == "" {
		b.WriteString("<Response/>")
	} else {
		b.WriteString("<Response><Message>")
		_ = xml.EscapeText(&b, []byte(message)) // a buffer takes everything
		b.WriteString("</Message></Response>")
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // Twilio may be gone
}

// rememberedReplies is how many texts a handler remembers.
const rememberedReplies = 1024

// replies remembers the answers to the latest texts.
type replies struct {
	mu   sync.Mutex
	byID map[string]string
	ring [rememberedReplies]string // ids, the oldest at next
	next int
}

func (r *replies) of(id string) (reply string, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reply, known = r.byID[id]
	return reply, known
}

func (r *replies) keep(id, reply string) {
	if id == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID = map[string]string{}
	}
	if _, known := r.byID[id]; !known {
		delete(r.byID, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % len(r.ring)
	}
	r.byID[id] = reply
}
