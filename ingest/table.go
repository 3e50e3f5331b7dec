package ingest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Tools is the table of the tools that this version reads. A new tool is a row
// here and a file beside this one. The handler, package config and the command
// simulate get the table, and know no tool by name.
func Tools() Table {
	return Table{
		{Type: TypeAlertmanager, paths: []path{
			{under: "/api/v2/alerts", methods: []string{http.MethodPost}, parse: parsePosted, answers: apiAnswers, fits: isList},
			{methods: []string{http.MethodPost, http.MethodPut}, parse: parseWebhook, answers: plainAnswers},
		}},
		nagiosTool(),
		{Type: TypeJSON, mapped: true, paths: []path{
			{methods: []string{http.MethodPost, http.MethodPut}, parse: parseMapped, answers: plainAnswers, own: mappedAnswers},
		}},
		zabbix(), grafanaLegacy(), checkmk(), icinga(), uptimeKuma(), libreNMS(), wazuh(), graylog(),
		healthchecks(), uptimeRobot(), pingdom(), datadog(), cloudWatch(), azure(), gcp(),
		pagerDuty(), opsgenie(), mailTool(),
	}
}

// Table is a table of tools. Each has another type.
type Table []Tool

// Tool is one row: what a source of one type posts, where, and which answers
// it gets.
type Tool struct {
	Type  string // as sources.NAME.type says it
	paths []path // may be empty if there are apis
	apis  []api  // paths of another pager's, whose answers its senders want
	reads parser // what its apis read, for whoever has a body and no path; nil if there are none
	// mapped says that each source of this type has a [Mapping].
	mapped bool
	// mailed says that its messages are mails: nobody posts them. Each source of
	// this type may have a [Mapping], which needs not say everything.
	mailed bool
}

// path is one address at which a source posts.
type path struct {
	under   string   // what follows /ingest/NAME; may be empty
	methods []string // HTTP methods
	parse   parser
	answers answers
	query   bool // where there is no body, the query is what is said
	// own are the answers for one source; nil: answers are for all.
	own func(s *Source) answers
	// fits says whether a body may be meant for this path. It is for a reader who
	// does not know where the body would be posted. Nil: any body may.
	fits func(body []byte) bool
}

// parser reads a body. An alert that is wrong becomes one of the result's
// problems. The error is for a body of which nothing can be read. If hand is
// not nil, a parser gives it some of many alerts before it reads the others.
type parser func(ctx context.Context, data []byte, s *Source, now time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error)

// answers are the answers that a tool understands.
type answers struct {
	taken func(w http.ResponseWriter, t Taken) (status int) // a 2xx
	wrong func(w http.ResponseWriter, status int, code, message string)
}

// Types are the types that a source may have, in the table's order.
func (t Table) Types() []string {
	types := make([]string, len(t))
	for i := range t {
		types[i] = t[i].Type
	}
	return types
}

// Mapped reports whether sources of a type have a [Mapping].
func (t Table) Mapped(kind string) bool {
	tool := t.tool(kind)
	return tool != nil && tool.mapped
}

// Mailed reports whether sources of a type send mails, and post nothing.
func (t Table) Mailed(kind string) bool {
	tool := t.tool(kind)
	return tool != nil && tool.mailed
}

// tool is the row of a type; nil if there is none.
func (t Table) tool(kind string) *Tool {
	for i := range t {
		if t[i].Type == kind {
			return &t[i]
		}
	}
	return nil
}

// path is the tool's path under /ingest/NAME; nil if it has none there.
func (t *Tool) path(under string) *path {
	for i := range t.paths {
		if t.paths[i].under == under {
			return &t.paths[i]
		}
	}
	return nil
}

// speaksAt reports whether another pager's path of the tool is this one.
func (t *Tool) speaksAt(at string) bool {
	return slices.ContainsFunc(t.apis, func(p api) bool { return slices.Contains(p.at, at) })
}

// unders are the paths of all tools, each once.
func (t Table) unders() (all []string) {
	for i := range t {
		for k := range t[i].paths {
			if under := t[i].paths[k].under; !slices.Contains(all, under) {
				all = append(all, under)
			}
		}
	}
	return all
}

// find is the path that the tool of this type has there. If it has none, find
// returns that of the first tool that has one, and own is false: whoever posts
// there understands that tool's answers.
func (t Table) find(kind, under string) (p *path, own bool) {
	if tool := t.tool(kind); tool != nil {
		if p := tool.path(under); p != nil {
			return p, true
		}
	}
	for i := range t {
		if p := t[i].path(under); p != nil {
			return p, false
		}
	}
	return nil, false
}

// misplaced says who posts to a path that the source's own tool does not have.
func (t Table) misplaced(s *Source, under string) string {
	var others, own []string
	for i := range t {
		if t[i].path(under) != nil || t[i].speaksAt(under) {
			others = append(others, t[i].Type)
		}
	}
	if tool := t.tool(s.Type); tool != nil {
		for i := range tool.paths {
			own = append(own, "/ingest/"+s.Name+tool.paths[i].under)
		}
		for i := range tool.apis {
			own = append(own, "/ingest/"+s.Name+tool.apis[i].at[0])
		}
	}
	to := "which is not in this version"
	if t.Mailed(s.Type) {
		to = "which comes by mail (mail_in)"
	}
	if len(own) > 0 {
		to = "which posts to " + strings.Join(own, " or ")
	}
	return fmt.Sprintf("the source %s is of type %s, %s; /ingest/%s%s is for sources of type %s: correct the address, or sources.%s.type",
		s.Name, s.Type, to, s.Name, under, strings.Join(others, " or "), s.Name)
}
