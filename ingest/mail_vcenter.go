package ingest

import (
	"regexp"
	"strings"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// vcenterSays matches the sentence of an alarm of vCenter, in its subject or at the
// beginning of a line of its text. The name may have " on " in it if the object has no
// blank; else it ends at the first.
var vcenterSays = []*regexp.Regexp{
	regexp.MustCompile(`(?im)(?:^|\] )alarm ['"]?([^\n]{1,200}?)['"]? on ([^\s]{1,200}) changed from (?:gray|grey|green|yellow|red) to (green|yellow|red)\b`),
	regexp.MustCompile(`(?im)(?:^|\] )alarm ['"]?([^\n]{1,200}?)['"]? on ([^\n]{1,200}?) changed from (?:gray|grey|green|yellow|red) to (green|yellow|red)\b`),
}

// vcenterTag begins the subject of a mail of vCenter: what others quote is no alarm.
const vcenterTag = "[vmware vcenter"

// vcenterColours are how bad a colour is; green is an end. Gray says neither: nobody knows.
var vcenterColours = map[string]string{"green": "", "yellow": severityWarning, "red": severityCritical}

// vcenterMail reads the mails of vCenter's alarms.
func vcenterMail(l *letter.Letter, subject string) (saying, bool) {
	m := vcenterMatch(subject)
	if m == nil && strings.HasPrefix(strings.ToLower(subject), vcenterTag) {
		m = vcenterMatch(l.Text)
	}
	if m == nil {
		return saying{}, false
	}
	s := saying{tool: "vcenter", key: m[2] + "/" + m[1], where: m[2], what: m[1], summary: strings.TrimSpace(m[0]), status: ticket.Firing, severity: vcenterColours[strings.ToLower(m[3])]}
	if s.severity == "" {
		s.status = ticket.Resolved
	}
	return s, true
}

func vcenterMatch(text string) (m []string) {
	for _, form := range vcenterSays {
		if m = form.FindStringSubmatch(text); m != nil {
			break
		}
	}
	return m
}
