package ingest

import "strings"

// The severities that tools' own words become, so that one rule under urgency
// fits them all.
const (
	severityCritical = "critical"
	severityError    = "error"
	severityWarning  = "warning"
	severityInfo     = "info"
)

// severities are the words that tools use.
var severities = map[string]string{
	"critical": severityCritical, "crit": severityCritical, "disaster": severityCritical, "fatal": severityCritical,
	"emergency": severityCritical, "emerg": severityCritical, "alert": severityCritical, "down": severityCritical,
	"p1": severityCritical, "sev0": severityCritical,
	"error": severityError, "err": severityError, "high": severityError, "average": severityError, "major": severityError,
	"unreachable": severityError, "p2": severityError, "sev1": severityError,
	"warning": severityWarning, "warn": severityWarning, "minor": severityWarning, "unknown": severityWarning, "medium": severityWarning,
	"p3": severityWarning, "sev2": severityWarning,
	"info": severityInfo, "information": severityInfo, "informational": severityInfo, "notice": severityInfo, "low": severityInfo,
	"not classified": severityInfo, "verbose": severityInfo, "debug": severityInfo, "ok": severityInfo, "up": severityInfo,
	"p4": severityInfo, "p5": severityInfo, "sev3": severityInfo, "sev4": severityInfo,
}

// severity is a tool's word for how bad it is, as one of ours. A word that
// nobody knows stays, in small letters, for rules of its own.
func severity(given string) string {
	given = strings.ToLower(strings.TrimSpace(given))
	if ours, ok := severities[given]; ok {
		return ours
	}
	return given
}
