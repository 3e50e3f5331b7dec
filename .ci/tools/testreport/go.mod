module github.com/astreinte/astreinte/ci/testreport

go 1.26.0
