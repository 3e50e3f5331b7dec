package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The bounds of what comes from outside are in one table: internal/ticket/limits.go, of
// which docs/REFERENCE.md has a row each. Elsewhere a constant may be called by one of
// them (const mostThings = ticket.MaxThings), or reckoned from one.

// boundName is how constants are called that bound something.
var boundName = regexp.MustCompile(`^(most|max|longest|Most|Max|Longest)[A-Z]`)

// ownBounds are numbers by which we bound our own: what we write, keep, show or ask for,
// by package and name, or of a whole package. A bound of what strangers send is not among
// them.
var ownBounds = map[string]string{
	"cmd/astreinte":            "commands at a terminal",
	"config":                   "a file of our own",
	"internal/client":          "commands at a terminal",
	"internal/courier":         "a program beside a tool, that imports nothing of the daemon's",
	"internal/jq":              "what a configured expression may take, of whatever it reads; it imports nothing",
	"internal/mask":            "how deep it looks for secrets in what is bounded already; it imports nothing",
	"internal/store/boltstore": "what one transaction takes",
	"internal/lookahead":       "what managers are told",
	"internal/calendar":        "words of the configuration",

	"internal/archive.mostFlaws":       "what is named of our own",
	"internal/plan.mostErrands":        "done at once",
	"escalation.maxConflicts":          "tries of ours",
	"escalation.maxDamaged":            "records that are named",
	"escalation.mostRounds":            "of our own outlook",
	"internal/audit.MostKept":          "lines that we write",
	"internal/daemon.mostFiring":       "alerts that we look at together",
	"internal/daemon.mostForBodies":    "a part of the machine's memory",
	"internal/daemon.mostNightly":      "of our own report",
	"internal/daemon.mostOver":         "tickets that we look at together",
	"internal/daemon.mostSummed":       "tickets in a sum",
	"internal/daemon.mostUnwritten":    "lines of ours",
	"internal/duty.mostDoubts":         "doubts that are told",
	"internal/duty.mostLeave":          "records that leave together",
	"internal/duty/report.mostMonths":  "months of a report",
	"internal/effect.maxTurns":         "turns that are remembered",
	"internal/effect.mostDues":         "effects that are remembered",
	"internal/effect/back.mostNames":   "names in a question of ours",
	"internal/effect/room.mostCalled":  "people in a message of ours",
	"internal/effect/room.mostCovered": "effects that one call ends",
	"internal/effect/room.mostNotes":   "replies of ours at a time",
	"internal/heartbeat.mostLabels":    "labels of the configuration",
	"internal/imported.mostUnknown":    "events that are shown",
	"internal/probe.longestName":       "RFC 1035 says so",
	"internal/ready.mostKnown":         "proofs that are remembered",
	"internal/silence.mostSpans":       "times that are reckoned ahead",
	"internal/source.mostAlerts":       "alerts that are shown",
	"internal/source.mostPages":        "pages that are shown",
	"internal/spool.MaxBody":           "a frame of the spool's file: more than any body",
	"internal/upstream.mostItems":      "items that we ask for",
	"internal/upstream.mostRules":      "rules that we ask for",
	"internal/web/console.mostTurns":   "turns that are shown",
	"internal/web/console.mostWaiting": "effects that are shown",
	"internal/web/look.maxListed":      "names in a line",
	"paging.mostDetails":               "details on a page",
	"paging.mostOutcomes":              "outcomes in one call",
	"paging/answer.mostDutyWords":      "the grammar of answers",
	"paging/answer.mostHours":          "the grammar of answers",
	"paging/answer.mostToken":          "a link's token, which we made",
	"paging/fcm.maxBody":               "what we send",
	"paging/fcm.maxTitle":              "what we send",
	"paging/smtp.mostAtOnce":           "connections of ours",
	"paging/webpush.MaxPlain":          "what we send",
	"paging/words.MostCode":            "codes that we give",
}

// checkBounds refuses a number outside of the table of limits.
func checkBounds(t *tree) []string {
	var faults []string
	left := maps.Clone(ownBounds)
	for _, p := range t.sorted() {
		if p.dir == "internal/ticket" || strings.HasSuffix(path.Base(p.dir), "test") {
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, name := range bounds(f.syntax) {
				key := p.dir + "." + name
				if ownBounds[key] == "" && ownBounds[p.dir] == "" {
					faults = append(faults, fmt.Sprintf("%s: a bound of what comes from outside belongs in internal/ticket/limits.go; one of our own in ownBounds", key))
				}
				delete(left, key)
				delete(left, p.dir)
			}
		}
	}
	if t.packages["internal/archtest"] != nil { // of the house itself
		for _, key := range slices.Sorted(maps.Keys(left)) {
			faults = append(faults, key+": ownBounds has it, the code has not")
		}
	}
	return faults
}

// bounds are the constants of a file that bound something by a number of their own.
func bounds(file *ast.File) (names []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		decl, ok := n.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			return true
		}
		for _, spec := range decl.Specs {
			values, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, name := range values.Names {
				if boundName.MatchString(name.Name) && i < len(values.Values) && number(values.Values[i]) {
					names = append(names, name.Name)
				}
			}
		}
		return true
	})
	return names
}

// number says that an expression is made of numbers alone.
func number(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.INT
	case *ast.BinaryExpr:
		return number(e.X) && number(e.Y)
	case *ast.ParenExpr:
		return number(e.X)
	}
	return false
}
