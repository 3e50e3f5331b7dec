package ticket

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// AlertStatus is what the sender last said of an alert.
type AlertStatus string

// What can be known of an alert. Silent is our own word: the sender stopped
// talking about an alert that it never resolved.
const (
	Firing   AlertStatus = "firing"
	Resolved AlertStatus = "resolved"
	Silent   AlertStatus = "silent"
	// Unsaid is the status of an alert that its sender only makes a remark on.
	Unsaid AlertStatus = ""
)

// Alert is one alert as one request carried it, read into our terms by package
// ingest. Fingerprint identifies it among all alerts of its source for as long
// as it lives, whatever its StartsAt.
type Alert struct {
	Source       string            `json:"source"`
	Fingerprint  string            `json:"fingerprint"`
	Status       AlertStatus       `json:"status"` // Firing, Resolved; Unsaid only with a Remark
	Labels       map[string]string `json:"labels,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	StartsAt     time.Time         `json:"starts_at,omitzero"`
	EndsAt       time.Time         `json:"ends_at,omitzero"` // zero while it fires without an announced end
	GeneratorURL string            `json:"generator_url,omitempty"`

	// Added are the names of those labels that the source's configuration adds.
	Added []string `json:"added,omitempty"`

	// Named is the title that the sender gives; empty: Title makes one.
	Named string `json:"named,omitempty"`

	// SenderGroup is the sender's own name for the alert's group (Alertmanager's
	// groupKey); empty if there is none.
	SenderGroup string `json:"sender_group,omitempty"`

	// SilentAt is when the alert counts as silent unless it is heard of again. It
	// is zero for senders that always say when an alert is over.
	SilentAt time.Time `json:"silent_at,omitzero"`

	// Again says what it means if the alert fires after its end was heard.
	Again Again `json:"again,omitempty"`

	// Remark is what the sender says besides; nil: nothing. It is not kept with
	// the alert.
	Remark *Remark `json:"remark,omitempty"`
}

// Again says what it means if an alert fires whose end was heard.
type Again string

// What it may mean. Senders try again what was not answered, so that the
// beginning of what is over may come after its end.
const (
	AgainAnew  Again = ""      // it fires again
	AgainLater Again = "later" // it fires again, if it began after that end; if not, the word is late
	AgainNever Again = "never" // its key is of one occurrence: the word is late
)

// Sent is the value of a label that the sender itself gave; empty: it gave none.
func (a *Alert) Sent(name string) string {
	if slices.Contains(a.Added, name) {
		return ""
	}
	return a.Labels[name]
}

// Title says what and where: the instance or host with the alert's name; or
// the summary if there is neither; or whatever else names the alert. A title
// that the sender gives comes before all that. It has MaxTitle bytes at most.
func (a *Alert) Title() string { return Cut(a.title(), MaxTitle) }

// Host is the host that the title begins with; empty if the title does not say
// where and then what. A long host is cut, so that the title has room for the
// alert's name.
func (a *Alert) Host() string {
	where, _ := a.hostAndName()
	if a.Named != "" {
		if where = Cut(a.where(), MaxTitle/2); !strings.HasPrefix(a.Named, where+" ") {
			return ""
		}
	}
	return where
}

func (a *Alert) hostAndName() (where, name string) {
	where, name = a.where(), a.Labels["alertname"]
	if where == "" || name == "" {
		return "", ""
	}
	return Cut(where, max(MaxTitle-len(name)-1, MaxTitle/2)), name
}

func (a *Alert) where() string { return firstOf(a.Labels, "instance", "host", "hostname", "node") }

func (a *Alert) title() string {
	if a.Named != "" {
		return a.Named
	}
	if host, name := a.hostAndName(); host != "" {
		return host + " " + name
	}
	where, name := a.where(), a.Labels["alertname"]
	switch {
	case a.Annotations["summary"] != "":
		return a.Annotations["summary"]
	case where+name != "":
		return where + name
	case firstOf(a.Annotations, "description", "message", "title") != "":
		return firstOf(a.Annotations, "description", "message", "title")
	}
	return labelsTitle(a.Labels, a.Fingerprint)
}

func firstOf(m map[string]string, keys ...string) string {
	for _, k := range keys {
		if v := strings.TrimSpace(m[k]); v != "" {
			return v
		}
	}
	return ""
}

func labelsTitle(labels map[string]string, fallback string) string {
	pairs := make([]string, 0, len(labels))
	for k, v := range labels {
		pairs = append(pairs, k+"="+v)
	}
	if len(pairs) == 0 {
		return fallback
	}
	sort.Strings(pairs)
	return strings.Join(pairs, " ")
}
