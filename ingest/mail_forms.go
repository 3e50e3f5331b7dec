package ingest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// mailForms are the forms of tools' mails that are known, the first that fits
// counts. Whatever fits none is read by its words (bySubject).
var mailForms = []func(l *letter.Letter, subject string) (saying, bool){
	nagiosMail, icingaMail, checkmkMail, zabbixMail, groupMail, kumaMail, prtgMail, qnapMail, vcenterMail, cronMail,
}

// understand says what a mail says.
func understand(l *letter.Letter) saying {
	subject := bareSubject(l.Subject)
	for _, form := range mailForms {
		if said, ok := form(l, subject); ok {
			return said
		}
	}
	return bySubject(l, subject)
}

// forwarded matches what mail programs and mail servers put before a subject.
var forwarded = regexp.MustCompile(`(?i)^\s*(?:(?:re|fwd?|tr|aw|wg)\s*:|\[(?:ext|external|externe|esterno)\]|\*{0,3}(?:external|externe)\*{0,3}\s*:)\s*`)

func bareSubject(subject string) string {
	for range 5 {
		found := forwarded.FindString(subject)
		if found == "" {
			break
		}
		subject = subject[len(found):]
	}
	return strings.TrimSpace(subject)
}

// belowTheirName are fields whose value may stand in the next line.
var belowTheirName = []string{"additional info", "info", "summary", "comment", "message"}

// mailFields are lines like "Host: srv-db-01" of a text, by what stands before
// the colon in small letters. If nothing follows it, the next line does.
func mailFields(text string) map[string]string {
	fields, lines, last := map[string]string{}, 0, ""
	for line := range strings.SplitSeq(text, "\n") {
		if lines++; lines > 200 {
			break
		}
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case line == "":
		case ok && len(name) <= 40 && fields[name] == "" && last == "":
			fields[name] = strings.TrimSpace(value)
			if fields[name] == "" && slices.Contains(belowTheirName, name) {
				last = name
			}
		case last != "":
			fields[last], last = line, ""
		}
	}
	return fields
}

// noticed is what the mail of a tool of Nagios's kind says. Host and service of
// the key are those of the subject, which is the same for a problem and its end.
func noticed(tool string, l *letter.Letter, n notice) saying {
	f := mailFields(l.Text)
	s := saying{tool: tool, key: n.host + "/" + n.service, summary: firstText(f["additional info"], f["info"], f["summary"], f["output"]), severity: severity(n.state)}
	n.by = firstText(f["author"], f["notification author"], f["acknowledged by"], f["comment by"])
	n.comment = firstText(f["comment"], f["notification comment"])
	s.status, s.remark = notified(n.kind, oneOf(n.state, wellStates), n.by, n.comment)
	if s.status != ticket.Firing {
		s.severity = ""
	}
	s.where, s.what = firstText(f["host"], n.host), n.service
	if s.what == "" {
		s.what = nagiosHost
	}
	s.labels = map[string]string{"service": n.service, "address": firstText(f["address"], f["ipv4"]), "state": n.state}
	return s
}

var (
	nagiosSubject = regexp.MustCompile(`^\*+\s*([A-Z]+) (Host|Service) Alert:\s*(.+) is ([A-Za-z]+)\s*\*+$`)
	nagiosOld     = regexp.MustCompile(`(?i)^\*+\s*([A-Z]+) alert\s*-\s*(.+) is ([A-Z]+)\s*\*+$`)
	nagiosHostOld = regexp.MustCompile(`^Host ([A-Z]+) alert for (.+?)!$`)
)

// nagiosMail reads the mails of Nagios, Naemon and Centreon.
func nagiosMail(l *letter.Letter, subject string) (saying, bool) {
	var n notice
	what := ""
	if m := nagiosSubject.FindStringSubmatch(subject); m != nil {
		n.kind, what, n.state = m[1], m[3], m[4]
		if m[2] == "Host" {
			n.host, what = what, ""
		}
	} else if m := nagiosOld.FindStringSubmatch(subject); m != nil {
		n.kind, what, n.state = m[1], m[2], m[3]
	} else if m := nagiosHostOld.FindStringSubmatch(subject); m != nil {
		n.host, n.state = m[2], m[1]
	} else {
		return saying{}, false
	}
	if what != "" {
		n.host, n.service, _ = strings.Cut(what, "/")
		if host := mailFields(l.Text)["host"]; strings.HasPrefix(what, host+"/") {
			n.host, n.service = host, what[len(host)+1:]
		}
	}
	return noticed(TypeNagios, l, n), true
}

var icingaSubject = regexp.MustCompile(`^\[([A-Z]+)\] (Host )?(.+) is (?:in state )?(OK|WARNING|CRITICAL|UNKNOWN|UP|DOWN|UNREACHABLE)!?$`)

// icingaMail reads the mails of Icinga 2.
func icingaMail(l *letter.Letter, subject string) (saying, bool) {
	m := icingaSubject.FindStringSubmatch(subject)
	if m == nil {
		return saying{}, false
	}
	n := notice{kind: m[1], state: m[4], host: m[3]}
	if on := strings.LastIndex(m[3], " on "); m[2] == "" && on > 0 {
		n.service, n.host = m[3][:on], m[3][on+4:]
	}
	return noticed(TypeIcinga, l, n), true
}

var (
	checkmkSubject = regexp.MustCompile(`(?i)^Check_?MK: (.+?)(?: -)? (OK|WARN|CRIT|UNKNOWN|UNKN|UP|DOWN|UNREACH\w*|PEND\w*)\s*(?:->|→|➔|=>)\s*(OK|WARN|CRIT|UNKNOWN|UNKN|UP|DOWN|UNREACH\w*)$`)
	checkmkRemark  = regexp.MustCompile(`(?i)^Check_?MK: (.+?)(?: -)? (Acknowledged|Started Flapping|Stopped Flapping|Downtime (?:Start|End|Cancelled)|Custom Notification)(?: \((\w+)\))?$`)
)

// checkmkMail reads the mails of Checkmk.
func checkmkMail(l *letter.Letter, subject string) (saying, bool) {
	var n notice
	var what string
	if m := checkmkSubject.FindStringSubmatch(subject); m != nil {
		what, n.state = m[1], strings.ToUpper(m[3])
	} else if m := checkmkRemark.FindStringSubmatch(subject); m != nil {
		what, n.state, n.kind = m[1], strings.ToUpper(m[3]), strings.ToUpper(strings.ReplaceAll(m[2], " ", ""))
		if n.kind == "ACKNOWLEDGED" {
			n.kind = "ACKNOWLEDGEMENT"
		}
		if n.state == "" {
			n.state = "OK" // it opens nothing by itself
		}
	} else {
		return saying{}, false
	}
	n.host, n.service, _ = strings.Cut(what, "/")
	return noticed(TypeCheckmk, l, n), true
}

var (
	zabbixProblem = regexp.MustCompile(`^(?i:problem):\s*(.+)$`)
	zabbixEnd     = regexp.MustCompile(`^(?:Resolved(?: in [^:]+)?|(?i:ok)):\s*(.+)$`)
	zabbixUpdate  = regexp.MustCompile(`^Updated problem in [^:]+:\s*(.+)$`)
	zabbixTaken   = regexp.MustCompile(`(?m)^(.{1,100}?) .{0,200}\backnowledged\b.{0,200} problem at `)
)

// zabbixMail reads the mails of Zabbix, whose text names the problem.
func zabbixMail(l *letter.Letter, subject string) (saying, bool) {
	f := mailFields(l.Text)
	id := firstText(f["original problem id"], f["original event id"])
	host, name := f["host"], firstText(f["problem name"], f["trigger"])
	if id == "" && (host == "" || name == "" && f["severity"] == "") {
		return saying{}, false
	}
	s := saying{tool: TypeZabbix, where: host, severity: severity(firstText(f["severity"], f["trigger severity"])), summary: f["operational data"]}
	var m []string
	switch {
	case zabbixProblem.MatchString(subject):
		m, s.status = zabbixProblem.FindStringSubmatch(subject), ticket.Firing
	case zabbixEnd.MatchString(subject):
		m, s.status, s.severity = zabbixEnd.FindStringSubmatch(subject), ticket.Resolved, ""
	case zabbixUpdate.MatchString(subject):
		m, s.status = zabbixUpdate.FindStringSubmatch(subject), ticket.Firing
		s.remark = &ticket.Remark{Kind: ticket.RemarkNoted, What: "update", Text: firstLine(l.Text)}
		if by := zabbixTaken.FindStringSubmatch(l.Text); len(by) == 2 && !strings.Contains(by[0], "unacknowledged") {
			s.remark.Kind, s.remark.By = ticket.RemarkTaken, by[1]
		}
	default:
		return saying{}, false
	}
	s.what = firstText(name, m[1])
	s.key = host + "/" + s.what
	if id != "" {
		s.key, s.again = "id/"+id, ticket.AgainNever
	}
	return s, true
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

var (
	groupSubject = regexp.MustCompile(`^\[(FIRING|RESOLVED)(?::\d+)?(?:, ?(?:RESOLVED|FIRING):\d+)?\]\s*(.*)$`)
	commonLabels = regexp.MustCompile(`^(.*?)\s*\([^()]*\)$`)
)

// groupMail reads the mails of Alertmanager and of Grafana. They tell of a
// group of alerts, whose labels stand before those that its alerts have in
// common, in brackets. These change with the alerts.
func groupMail(_ *letter.Letter, subject string) (saying, bool) {
	m := groupSubject.FindStringSubmatch(subject)
	if m == nil {
		return saying{}, false
	}
	s := saying{tool: TypeAlertmanager, status: ticket.Firing, key: m[2], what: m[2]}
	if bare := commonLabels.FindStringSubmatch(m[2]); bare != nil {
		s.key = bare[1]
	}
	if strings.HasPrefix(subject, "[RESOLVED") {
		s.status = ticket.Resolved
	} else if words := strings.ToLower(m[2]); strings.Contains(words, severityCritical) {
		s.severity = severityCritical
	} else if strings.Contains(words, severityWarning) {
		s.severity = severityWarning
	}
	return s, true
}

var kumaSubject = regexp.MustCompile(`^\[(.+?)\] \[[^\]\w]*(Up|Down)\]\s*(.*)$`)

// kumaMail reads the mails of Uptime Kuma.
func kumaMail(_ *letter.Letter, subject string) (saying, bool) {
	m := kumaSubject.FindStringSubmatch(subject)
	if m == nil {
		return saying{}, false
	}
	s := saying{tool: TypeUptimeKuma, key: m[1], what: m[1], summary: m[3], status: ticket.Firing, severity: severityCritical}
	if m[2] == "Up" {
		s.status, s.severity = ticket.Resolved, ""
	}
	return s, true
}

var prtgSubject = regexp.MustCompile(`^\[(PRTG[^\]]*)\] (.+?) (Down|Warning|Unusual|Up)( ended)?(?: \(now: (\w+)\))?(?: (\(Acknowledged\)))?(?: .*)?$`)

// prtgMail reads the mails of PRTG: device and sensor, then how it is.
func prtgMail(_ *letter.Letter, subject string) (saying, bool) {
	m := prtgSubject.FindStringSubmatch(subject)
	if m == nil {
		return saying{}, false
	}
	state := firstText(m[5], m[3])
	s := saying{tool: "prtg", key: m[1] + "/" + m[2], what: m[2], status: ticket.Firing, severity: severity(state)}
	switch {
	case m[6] != "":
		s.remark = &ticket.Remark{Kind: ticket.RemarkTaken, What: "Acknowledged"}
	case oneOf(state, wellStates), m[4] != "" && m[5] == "":
		s.status, s.severity = ticket.Resolved, ""
	}
	return s, true
}

// qnapMail reads the mails of a QNAP, all of which have one subject: what it is
// about stands in the text.
func qnapMail(l *letter.Letter, subject string) (saying, bool) {
	if !strings.Contains(subject, "Notification from your device") {
		return saying{}, false
	}
	f := mailFields(l.Text)
	message := f["message"]
	if message == "" {
		return saying{}, false
	}
	s := bySubject(l, "["+firstText(f["severity"], "Warning")+"] "+message)
	s.tool, s.where = "qnap", firstText(f["nas name"], f["nas"])
	s.key = firstText(s.where+"/"+f["app name"]+"/"+s.key, s.key)
	s.what, s.summary = message, message
	return s, true
}

var cronSubject = regexp.MustCompile(`^(?:Cron <(\S+?)>|Anacron job .+ on|\(Cron\)) ?(.*)$`)

// cronMail reads what cron sends: the output of a command. The command's words
// say nothing.
func cronMail(l *letter.Letter, subject string) (saying, bool) {
	m := cronSubject.FindStringSubmatch(subject)
	if m == nil {
		return saying{}, false
	}
	s := neither(l)
	s.tool = "cron"
	if _, host, ok := strings.Cut(m[1], "@"); ok {
		s.where = host
	}
	return s, true
}
