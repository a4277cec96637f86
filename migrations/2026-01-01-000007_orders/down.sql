DROP TABLE commission_row_lines, commission_rows, order_credits, returned_lines, order_events, order_lines, orders;
