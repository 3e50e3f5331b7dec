package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
)

// node is a part of the description.
type node = map[string]any

// document is the description, taken apart far enough to hold answers against
// it: the subset of JSON Schema that it uses.
type document struct{ root node }

func readDocument(t testing.TB) *document {
	t.Helper()
	d := &document{}
	if err := json.Unmarshal(openapiJSON, &d.root); err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows keys down, through references.
func (d *document) at(n node, keys ...string) node {
	for _, key := range keys {
		n, _ = n[key].(node)
		for n["$ref"] != nil {
			ref, _ := n["$ref"].(string)
			n = d.at(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
	}
	return n
}

// path finds the described path that an address belongs to.
func (d *document) path(address string) string {
	have := strings.Split(strings.Trim(address, "/"), "/")
	for _, p := range slices.Sorted(maps.Keys(d.at(d.root, "paths"))) { // literals before braces
		want := strings.Split(strings.Trim(p, "/"), "/")
		match := len(want) == len(have)
		for i := range want {
			match = match && (want[i] == have[i] || strings.HasPrefix(want[i], "{"))
		}
		if match {
			return p
		}
	}
	return ""
}

// hold fails the test if an answer is not as described.
func (d *document) hold(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	path, method := d.path(r.URL.Path), strings.ToLower(r.Method)
	if method == "head" {
		method = "get"
	}
	if path == "" {
		if w.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d, and no such path is described", r.Method, r.URL.Path, w.Code)
		}
		return
	}
	operation := d.at(d.root, "paths", path, method)
	if operation == nil {
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d, and no such method is described", r.Method, path, w.Code)
		}
		return
	}
	answer := d.at(operation, "responses", strconv.Itoa(w.Code))
	if answer == nil {
		t.Errorf("%s %s: status %d is not described: %s", r.Method, path, w.Code, w.Body)
		return
	}
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	content := d.at(answer, "content")
	if len(content) == 0 {
		if w.Body.Len() > 0 {
			t.Errorf("%s %s: a body came with %d: %s", r.Method, path, w.Code, w.Body)
		}
		return
	}
	if _, ok := content[kind]; !ok {
		t.Errorf("%s %s: %d came as %q", r.Method, path, w.Code, kind)
		return
	}
	if kind == "application/json" && r.Method != http.MethodHead {
		var body any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Errorf("%s %s: %v", r.Method, path, err)
			return
		}
		for _, fault := range d.faults(d.at(content, kind, "schema"), body, "body") {
			t.Errorf("%s %s: %d: %s", r.Method, path, w.Code, fault)
		}
	}
}

// faults says where a value is not as its schema has it. A property that the
// schema does not name is a fault unless it has additionalProperties.
func (d *document) faults(schema node, value any, where string) []string {
	wrong := func(format string, args ...any) []string {
		return []string{where + ": " + fmt.Sprintf(format, args...)}
	}
	if schemas, ok := schema["oneOf"].([]any); ok {
		return d.faultsOfEach(schemas, value, where)
	}
	if one, ok := schema["enum"].([]any); ok && !slices.Contains(one, value) {
		return wrong("%v is none of %v", value, one)
	}
	switch schema["type"] {
	case "string":
		text, ok := value.(string)
		if !ok {
			return wrong("%v is no string", value)
		}
		if schema["format"] == "date-time" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil || at.IsZero() || !strings.HasSuffix(text, "Z") {
				return wrong("%q is no time in UTC", text)
			}
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong("%v is no boolean", value)
		}
	case "integer":
		n, ok := value.(float64)
		if least, bound := schema["minimum"].(float64); !ok || n != float64(int64(n)) || bound && n < least {
			return wrong("%v is no such integer", value)
		}
	case "array":
		items, ok := value.([]any)
		if !ok {
			return wrong("%v is no array", value)
		}
		var all []string
		for i, item := range items {
			all = append(all, d.faults(d.at(schema, "items"), item, where+"["+strconv.Itoa(i)+"]")...)
		}
		return all
	case "object":
		object, ok := value.(node)
		if !ok {
			return wrong("%v is no object", value)
		}
		return d.objectFaults(schema, object, where)
	default:
		return wrong("its schema has no type: %v", schema)
	}
	return nil
}

// faultsOfEach are none if the value is as one of the schemas has it.
func (d *document) faultsOfEach(schemas []any, value any, where string) (all []string) {
	for _, one := range schemas {
		faults := d.faults(d.at(node{"one": one}, "one"), value, where)
		if len(faults) == 0 {
			return nil
		}
		all = append(all, faults...)
	}
	return all
}

func (d *document) objectFaults(schema, object node, where string) (all []string) {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := object[fmt.Sprint(name)]; !ok {
			all = append(all, fmt.Sprintf("%s: %v is missing", where, name))
		}
	}
	for name, value := range object {
		property := d.at(d.at(schema, "properties"), name)
		if property == nil {
			if property = d.at(schema, "additionalProperties"); property == nil {
				if schema["additionalProperties"] != true {
					all = append(all, where+"."+name+" is not described")
				}
				continue
			}
		}
		all = append(all, d.faults(property, value, where+"."+name)...)
	}
	return all
}

// mountedElsewhere are routes of the API that other packages mount; theirs are the
// tests that they are described.
var mountedElsewhere = []string{
	"POST /api/v1/people/{name}/invitations", "DELETE /api/v1/people/{name}/sessions", "GET /api/v1/sessions", "DELETE /api/v1/sessions/{id}",
	"GET /api/v1/people/{name}/feeds", "POST /api/v1/people/{name}/feeds", "DELETE /api/v1/people/{name}/feeds",
	"GET /api/v1/filters", "POST /api/v1/filters", "DELETE /api/v1/filters", "GET /api/v1/walls", "POST /api/v1/walls", "DELETE /api/v1/walls",
	"GET /api/v1/duty-report", "GET /api/v1/sources", "GET /api/v1/sources/{name}",
	"GET /api/v1/duty-report",
	"GET /api/v1/heartbeats", "POST /api/v1/heartbeats", "GET /api/v1/heartbeats/{name}", "DELETE /api/v1/heartbeats/{name}",
	"GET /api/v1/planning", "GET /api/v1/tickets/{number}/proof", "GET /api/v1/tickets/{number}/attachments", "POST /api/v1/tickets/{number}/attachments",
	"GET /api/v1/tickets/{number}/attachments/{id}", "DELETE /api/v1/tickets/{number}/attachments/{id}",
	"GET /api/v1/contacts", "POST /api/v1/contacts", "GET /api/v1/contacts/{id}", "PATCH /api/v1/contacts/{id}", "DELETE /api/v1/contacts/{id}", "GET /api/v1/customers/{name}",
	"GET /api/v1/silences", "POST /api/v1/silences", "GET /api/v1/silences/{id}", "DELETE /api/v1/silences/{id}",
}

func TestDescriptionAndRoutes(t *testing.T) {
	d := newDesk(t)
	served := map[string]bool{}
	for _, rt := range d.server.routes() {
		served[rt.method+" "+rt.path] = true
		operation := d.doc.at(d.doc.root, "paths", rt.path, strings.ToLower(rt.method))
		if operation == nil {
			t.Errorf("%s %s is served and not described", rt.method, rt.path)
			continue
		}
		if _, free := operation["security"]; free != (rt.needs == open) {
			t.Errorf("%s %s: open %v, described as %v", rt.method, rt.path, rt.needs == open, free)
		}
		if rt.needs != open && (d.doc.at(operation, "responses", "401") == nil || d.doc.at(operation, "responses", "403") == nil) {
			t.Errorf("%s %s: its 401 and 403 are not described", rt.method, rt.path)
		}
	}
	for _, elsewhere := range mountedElsewhere {
		served[elsewhere] = true
	}
	for path, methods := range d.doc.at(d.doc.root, "paths") {
		for method := range methods.(node) {
			if method != "parameters" && !served[strings.ToUpper(method)+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
}

func TestDescriptionAndParameters(t *testing.T) {
	d := readDocument(t)
	get := d.at(d.root, "paths", "/api/v1/tickets", "get")
	described := map[string]bool{}
	for _, p := range get["parameters"].([]any) {
		described[p.(node)["name"].(string)] = true
	}
	for name := range parameters {
		if !described[name] {
			t.Errorf("%s is taken and not described", name)
		}
	}
	if len(described) != len(parameters) {
		t.Errorf("%d parameters are described, %d taken", len(described), len(parameters))
	}
	path := d.at(d.root, "paths", "/api/v1/tickets/{number}/{action}")
	enum := path["parameters"].([]any)[1].(node)["schema"].(node)["enum"].([]any)
	if len(enum) != len(desk.Verbs()) {
		t.Errorf("%d actions are described, %d taken", len(enum), len(desk.Verbs()))
	}
}

func TestReferencesLead(t *testing.T) {
	d := readDocument(t)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case node:
			if ref, ok := v["$ref"].(string); ok && d.at(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(d.root)
}

func TestDescriptionIsServed(t *testing.T) {
	d := newDesk(t)
	w := d.call("", http.MethodGet, "/api/v1/openapi.json", "")
	got := decode[struct {
		OpenAPI string
		Info    struct{ Version string }
	}](t, w)
	if got.OpenAPI != "3.1.0" || got.Info.Version != "1.2.3" {
		t.Errorf("%+v", got)
	}
}

// TestValidatorBites makes sure that the validator finds what it is for.
func TestValidatorBites(t *testing.T) {
	d := readDocument(t)
	for name, body := range map[string]string{
		"a missing field":     `{"error": {"code": "state"}}`,
		"a wrong type":        `{"error": {"code": "state", "message": 7}}`,
		"an unknown code":     `{"error": {"code": "odd", "message": ""}}`,
		"an unknown property": `{"error": {"code": "state", "message": "", "stack": ""}}`,
		"a local time":        `{"error": {"code": "state", "message": "", "at": "2026-11-21T03:12:00+01:00"}}`,
		"a wrong item":        `{"error": {"code": "state", "message": "", "allowed": ["shut"]}}`,
	} {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatal(err)
		}
		if len(d.faults(d.at(d.root, "components", "schemas", "Error"), value, "body")) == 0 {
			t.Errorf("%s was not found", name)
		}
	}
}
