package ingest

import (
	"regexp"
	"strings"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// vcenterSays matches the sentence of an alarm of vCenter, in its subject or its text. The
// name may have " on " in it, the object has not.
var vcenterSays = regexp.MustCompile(`(?i)\balarm ['"]?([^\n]{1,200}?)['"]? on ([^\s]{1,200}) changed from (?:gray|grey|green|yellow|red) to (green|yellow|red)\b`)

// vcenterColours are how bad a colour is; green is an end. Gray says neither: nobody knows.
var vcenterColours = map[string]string{"green": "", "yellow": severityWarning, "red": severityCritical}

// vcenterMail reads the mails of vCenter's alarms.
func vcenterMail(l *letter.Letter, subject string) (saying, bool) {
	text := subject
	if !vcenterSays.MatchString(text) {
		text = l.Text
	}
	m := vcenterSays.FindStringSubmatch(text)
	if m == nil {
		return saying{}, false
	}
	if i := strings.LastIndex(strings.ToLower(m[1]), "] alarm "); i >= 0 { // of the tag before it
		m[1] = strings.Trim(m[1][i+len("] alarm "):], `'"`)
	}
	s := saying{tool: "vcenter", key: m[2] + "/" + m[1], where: m[2], what: m[1], summary: strings.TrimSpace(m[0]), status: ticket.Firing, severity: vcenterColours[strings.ToLower(m[3])]}
	if s.severity == "" {
		s.status = ticket.Resolved
	}
	return s, true
}
