package config

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/calendar"
)

// Options are what reading depends on besides the file. The zero value stands
// for the present time, the process's environment, and the tools of this
// version.
type Options struct {
	Now    time.Time                   // the 90 days of the warnings begin here
	Getenv func(string) (string, bool) // looks ${NAME} up
	// Store checks the address of a store that is a server. Its error must quote
	// nothing of the address. Nil: only what every address must have is checked.
	Store func(url string) error
	// Archive likewise checks the address of an archive that is a server.
	Archive func(url string) error
	// Tools are the tools that a source may be; none: ingest.Tools().
	Tools ingest.Table
	// Thorough adds two checks that can take seconds: whom policies would page in
	// each hour of the coming year, and what of the example was left in.
	Thorough bool
}

// Load reads the file at path and the files that it includes. The Config is
// nil if the report has errors. Besides, it reads only the secret files and
// those of the certificate.
func Load(path string, opts Options) (*Config, Report) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, Report{Errors: []Problem{{Message: fmt.Sprintf("cannot read the configuration: %v", err)}}, Warnings: []Problem{}}
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	return readFile(filepath.Base(path), path, data, dir, opts)
}

// Parse is [Load] for a file in memory. Messages call it name. Its relative
// paths start at the folder dir. Parse never panics.
func Parse(name string, data []byte, dir string, opts Options) (*Config, Report) {
	return readFile(name, "", data, dir, opts)
}

// readFile reads data, the content of the file at path. path may be empty.
func readFile(name, path string, data []byte, dir string, opts Options) (*Config, Report) {
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	if opts.Getenv == nil {
		opts.Getenv = os.LookupEnv
	}
	if len(opts.Tools) == 0 {
		opts.Tools = ingest.Tools()
	}
	r := newReader(name, dir, opts)
	r.path = path
	root := r.parse("", data)
	if root != nil {
		r.include(root)
		cfg := r.config(value{r: r, n: root, line: root.line})
		if len(r.errors) == 0 {
			r.warn(cfg)
			return cfg, r.report()
		}
	}
	return nil, r.report()
}

// reader is the state of one reading.
type reader struct {
	name     string // of the main file
	path     string // of the main file; empty: it is only in memory
	dir      string
	opts     Options
	nodes    int // made so far, aliases followed
	errors   []Problem
	warnings []Problem

	location    *time.Location
	names       map[string][]string           // by kind: calendar, contract, …; no entry if the section cannot be read
	used        map[string]map[string]bool    // by kind, then name
	at          map[string]value              // by path, for warnings
	secrets     map[string]string             // token → path of its first use
	phones      map[string]string             // number → path of its first use
	mailDomains map[string]string             // domain of mail addresses → path of its first use
	chatters    map[string]string             // product and account → path of its first use
	inlines     map[string]value              // file → the first secret that is written in it
	waits       []calendarUse                 // uses of calendars
	icals       []ICal                        // where rotations are that are kept elsewhere
	supposes    *escalation.Rules             // the rules as check looks at them
	channels    []string                      // configured, in the order to try them
	hoursOf     map[string]*calendar.Calendar // of groups that have working hours of their own
	limits      []value                       // of people in their order: whose tickets each sees
	kinds       map[string]string             // types of sources, by their names
	pushed      bool                          // the file mentions push: people may be assumed to have devices

	watch func(path, what, detail string) // hears what is read of each key; nil except in a test
}

func newReader(name, dir string, opts Options) *reader {
	return &reader{
		name: name, dir: dir, opts: opts, location: time.UTC,
		names: map[string][]string{}, used: map[string]map[string]bool{},
		at: map[string]value{}, secrets: map[string]string{}, phones: map[string]string{}, chatters: map[string]string{}, mailDomains: map[string]string{}, inlines: map[string]value{}, hoursOf: map[string]*calendar.Calendar{},
	}
}

func (r *reader) report() Report {
	return Report{Errors: sorted(r.errors), Warnings: sorted(r.warnings)}
}

func (r *reader) fail(p Problem) { r.errors = append(r.errors, p) }

// resolve makes a path of the configuration absolute.
func (r *reader) resolve(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// place names a line of a file in a message.
func (r *reader) place(file string, line int) string {
	if file == "" {
		file = r.name
	}
	return fmt.Sprintf("%s line %d", file, line)
}
