package compared

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/calendar"
)

// The release of date-holidays that is the oracle. .ci/test reads these lines.
const (
	oracleRelease = "date-holidays-3.37.0"
	oracleSHA256  = "5c6d640e7d8c1deab4a8030cc4127f61b74af4c3c12aa4a0bd6d0f42b5ee2067"
)

const firstYear, lastYear = 2020, 2040

// oraclePath is where .ci/test puts the release.
func oraclePath(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir() // XDG_CACHE_HOME, as in .ci/test
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "astreinte-ci", oracleRelease+".tgz")
}

// program is the release's one file that needs no other, written for node.
func program(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(oraclePath(t))
	if err != nil {
		t.Fatalf("the data to compare with is not here (bash .ci/test fetches it): %v", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != oracleSHA256 {
		t.Fatalf("%s has SHA-256 %x, want %s", oraclePath(t), sum, oracleSHA256)
	}
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(zipped); ; {
		file, err := files.Next()
		if err != nil {
			t.Fatalf("no program in the release: %v", err)
		}
		if file.Name != "package/dist/umd.min.js" {
			continue
		}
		code, err := io.ReadAll(io.LimitReader(files, 16<<20))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "oracle.cjs") // it is no ES module, whatever its package says
		if err := os.WriteFile(path, code, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

// day is a public holiday as date-holidays prints it.
type day struct {
	Place string `json:"place"` // "FR-67": its own names, joined
	Date  string `json:"date"`  // "2026-04-03 00:00:00"
	Name  string `json:"name"`
	Rule  string `json:"rule"` // "easter -2", "12-26 not on monday"
}

// oracle asks date-holidays for all years of places, by its own names.
func oracle(t *testing.T, places [][]string) map[string][]day {
	t.Helper()
	question, err := json.Marshal(map[string]any{"places": places, "first": firstYear, "last": lastYear})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "node", "testdata/list.cjs", program(t))
	run.Stdin = bytes.NewReader(question)
	answer, err := run.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("node: %v: %s", err, exit.Stderr)
		}
		t.Fatalf("node: %v", err)
	}
	var days []day
	if err := json.Unmarshal(answer, &days); err != nil {
		t.Fatal(err)
	}
	found := map[string][]day{}
	for _, d := range days {
		found[d.Place] = append(found[d.Place], d)
	}
	return found
}

// place is one of ours and what date-holidays calls it.
type place struct {
	country, region, city string
	theirs                []string
}

// name is how the table of differences calls a place.
func (p place) name() string {
	switch {
	case p.city != "":
		return p.city
	case p.region != "":
		return p.region
	}
	return p.country
}

// places are all of ours, but Italian cities that date-holidays does not know,
// which are only counted: they have their country's days and their saint's.
func places(t *testing.T) (known []place, alone []place) {
	t.Helper()
	for _, country := range calendar.Countries() {
		known = append(known, place{country: country, theirs: []string{country}})
		for _, region := range calendar.Regions(country) {
			for _, name := range regionNames(country, strings.TrimPrefix(region, country+"-")) {
				known = append(known, place{country: country, region: region, theirs: name})
			}
		}
		for _, city := range calendar.Cities(country) {
			p := place{country: country, city: city, theirs: cityNames[city]}
			if p.theirs == nil {
				alone = append(alone, p)
			} else {
				known = append(known, p)
			}
		}
	}
	return known, alone
}

// cityNames are the cities that date-holidays knows.
var cityNames = map[string][]string{
	"Bolzano": {"IT", "32"}, // as a region
	"Firenze": {"IT", "52", "FI"},
	"Milano":  {"IT", "25", "MI"},
	"Palermo": {"IT", "82", "PA"},
	"Roma":    {"IT", "62", "RM"},
	"Torino":  {"IT", "21", "TO"},
}

// regionNames are what date-holidays calls a region: two where one code of ours is
// two departments.
func regionNames(country, code string) [][]string {
	departments := map[string]string{"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "976": "YT"}
	switch {
	case country == "IT": // Bolzano
		return [][]string{{"IT", "32"}}
	case country == "CH":
		return [][]string{{"CH", code}}
	case code == "6AE":
		return [][]string{{"FR", "67"}, {"FR", "68"}}
	case departments[code] != "":
		return [][]string{{"FR", departments[code]}}
	case code == "NC" || code == "PF" || code == "PM" || code == "WF": // countries to date-holidays
		return [][]string{{code}}
	}
	return [][]string{{country, code}}
}

// Every day of every place and year that one of both has and the other has not is
// in the table of differences, and every row of the table is needed.
func TestHolidaysAgainstDateHolidays(t *testing.T) {
	known, alone := places(t)
	names := make([][]string, 0, len(known))
	for _, p := range known {
		if !slices.ContainsFunc(names, func(other []string) bool { return slices.Equal(other, p.theirs) }) {
			names = append(names, p.theirs)
		}
	}
	theirs := oracle(t, names)
	used := make([]int, len(differences))
	compared, differ := 0, 0
	for _, p := range known {
		found := theirs[strings.Join(p.theirs, "-")]
		if len(found) == 0 {
			t.Errorf("date-holidays has nothing for %v", p.theirs)
		}
		ours := ourDays(t, p)
		compared += len(ours)
		both := map[string]bool{}
		for _, d := range found {
			on, at, _ := strings.Cut(d.Date, " ")
			if ours[on] != "" && at == "00:00:00" {
				both[on] = true
			}
		}
		for _, d := range found {
			on, at, _ := strings.Cut(d.Date, " ")
			if both[on] && at == "00:00:00" {
				continue
			}
			differ++
			if !explained(used, p, "theirs", d.Rule, on) {
				t.Errorf("%s: only date-holidays has %s, %s (%s)", p.name(), d.Date, d.Name, d.Rule)
			}
		}
		for on, name := range ours {
			if both[on] {
				continue
			}
			differ++
			if !explained(used, p, "ours", name, on) {
				t.Errorf("%s: only we have %s, %s", p.name(), on, name)
			}
		}
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("nothing differs as it is said: %+v", differences[i])
		}
	}
	t.Logf("%d places, %d of our days from %d to %d, %d differences in %d rows; %d Italian cities that date-holidays does not know",
		len(known), compared, firstYear, lastYear, differ, len(differences), len(alone))
}

// A city that date-holidays does not know has its country's days and one more.
func TestCitiesHaveOneDayMore(t *testing.T) {
	_, alone := places(t)
	country := ourDays(t, place{country: "IT"})
	for _, p := range alone {
		days := ourDays(t, p)
		for on := range country {
			if days[on] == "" {
				t.Errorf("%s lacks %s", p.city, on)
			}
		}
		if more := len(days) - len(country); more > lastYear-firstYear+1 {
			t.Errorf("%s has %d days more than Italy", p.city, more)
		}
	}
}

// ourDays are the names of our holidays by date.
func ourDays(t *testing.T, p place) map[string]string {
	t.Helper()
	days := map[string]string{}
	for year := firstYear; year <= lastYear; year++ {
		all, err := calendar.PublicHolidays(p.country, p.region, p.city, year)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			days[h.Date.String()] = h.Name
		}
	}
	return days
}

// explained says whether the table has the difference, and counts the row's use.
func explained(used []int, p place, who, what, on string) bool {
	for i, d := range differences {
		if d.has != who || d.what != what || d.on != "" && !strings.Contains(" "+d.on+" ", " "+on+" ") {
			continue
		}
		for _, name := range strings.Fields(d.places) {
			if name == p.name() || name == p.country+"*" {
				used[i]++
				return true
			}
		}
	}
	return false
}
