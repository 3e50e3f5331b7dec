package daemon

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// simHost is the n-th host of a source: bare, with a port, in a domain, or a
// web address. It draws nothing.
func simHost(name string, n int) string {
	return []string{
		name, name + ".web.acme.example:9100", "https://" + name + ".acme.example/health",
		"a-host-whose-name-is-long-" + name + ".db.acme.example:9187",
	}[n%4]
}

// judgeWords: every SMS that was ordered is one segment, says what is wrong
// with one of its tickets, and has one link, which is ours.
func (h *history) judgeWords() {
	says := map[string]bool{} // by text: of a bundle's tickets it names one
	for _, o := range h.sends {
		t := h.tickets[o.key.Ticket]
		if o.key.Channel != "sms" || t == nil || t.lost {
			continue
		}
		_, name := ticket.Parted(t.Title, t.Host)
		says[o.text] = says[o.text] || strings.Contains(o.text, name[:min(len(name), 6)])
		lines := strings.Split(o.text, "\n")
		switch last := lines[len(lines)-1]; {
		case words.Segments(o.text) != 1:
			h.s.problem("words", "%s takes %d SMS: %q", o.key, words.Segments(o.text), o.text)
		case !strings.HasPrefix(last, publicURL+"/a/") || len(last) != len(words.LinkBelow(publicURL)) || strings.Count(o.text, "://") != 1:
			h.s.problem("words", "%s has another link than ours: %q", o.key, o.text)
		}
	}
	for text, ok := range says {
		if !ok {
			h.s.problem("words", "nothing of the alert's name: %q", text)
		}
	}
}
