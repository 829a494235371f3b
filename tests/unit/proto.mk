# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += test_rowset
test_rowset_SOURCES = tests/unit/test_rowset.c tests/unit/unit.h
test_rowset_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_message
test_message_SOURCES = tests/unit/test_message.c tests/unit/unit.h
test_message_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_matter_list
test_matter_list_SOURCES = tests/unit/test_matter_list.c tests/unit/unit.h
test_matter_list_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_message_fault
test_message_fault_SOURCES = tests/unit/test_message_fault.c tests/unit/fault_sys.c tests/unit/fault_sys.h tests/unit/unit.h
test_message_fault_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)
