package mailin

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestWhoMaySend: an address that names its senders takes mails of no other one, whatever
// the mail says that it is from.
func TestWhoMaySend(t *testing.T) {
	w := start(t)
	s := *w.server.settings.Load()
	s.From = map[string][]string{to: {"nagios@acme.example", "@ups.example"}}
	w.server.SetSettings(s)
	c := w.dial(t)
	if got := c.answer(); got != 220 {
		t.Fatal(got)
	}
	c.says("EHLO relay", 250)
	for sender, want := range map[string]int{
		"nagios@acme.example": 250, "Nagios@Acme.example": 250, "card@ups.example": 250,
		"": 550, "evil@example.net": 550, "nagios@acme.example.evil.example": 550, "x@evil-ups.example": 550,
	} {
		c.says("MAIL FROM:<"+sender+">", 250)
		c.says("RCPT TO:<"+strings.ToUpper(to)+">", want)
		c.says("RSET", 250)
	}
	if got := testutil.ToFloat64(w.server.refused.WithLabelValues("sender")); got != 4 {
		t.Errorf("%g senders were counted", got)
	}
	c.says("MAIL FROM:<card@ups.example>", 250)
	c.says("RCPT TO:<"+to+">", 250)
	c.says("DATA", 354)
	c.says(down+".", 250)
	if w.store.asked == 0 {
		t.Error("it was not taken")
	}
}
