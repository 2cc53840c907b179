# Made by `chimplift generate lookml`; refine it in a file of your own: view: +email_activity

view: email_activity {
  sql_table_name: "MARKETING"."MAILCHIMP"."EMAIL_ACTIVITY" ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    sql: COALESCE(CAST(${TABLE}."ACCOUNT_NAME" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."CAMPAIGN_ID" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."EMAIL_ID" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."ACTION" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."TYPE" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."TIMESTAMP" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."URL" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."IP" AS VARCHAR), CHR(30)) || CHR(31) || COALESCE(CAST(${TABLE}."OCCURRENCE" AS VARCHAR), CHR(30)) ;;
  }

  dimension: account_name {
    type: string
    description: "The account's name, as the accounts file gives it; part of every key."
    sql: ${TABLE}."ACCOUNT_NAME" ;;
  }

  dimension_group: synced {
    type: time
    timeframes: [raw, time, date, week, month, quarter, year]
    description: "When the page with this row was received, in UTC."
    datatype: timestamp
    sql: ${TABLE}."SYNCED_AT" ;;
  }

  dimension: campaign_id {
    type: string
    description: "The campaign's id."
    sql: ${TABLE}."CAMPAIGN_ID" ;;
  }

  dimension: list_id {
    type: string
    description: "The audience's id."
    sql: ${TABLE}."LIST_ID" ;;
  }

  dimension: list_is_active {
    type: yesno
    description: "Whether the audience still exists."
    sql: ${TABLE}."LIST_IS_ACTIVE" ;;
  }

  dimension: email_id {
    type: string
    description: "The contact's id: MD5 of the e-mail address in lower case."
    sql: ${TABLE}."EMAIL_ID" ;;
  }

  dimension: email_address {
    type: string
    description: "The contact's e-mail address."
    sql: ${TABLE}."EMAIL_ADDRESS" ;;
  }

  dimension: action {
    type: string
    description: "open, click or bounce."
    sql: ${TABLE}."ACTION" ;;
  }

  dimension: type {
    type: string
    description: "Of a bounce: hard or soft."
    sql: ${TABLE}."TYPE" ;;
  }

  dimension_group: timestamp {
    type: time
    timeframes: [raw, time, date, week, month, quarter, year]
    description: "When it happened."
    datatype: timestamp
    sql: ${TABLE}."TIMESTAMP" ;;
  }

  dimension: url {
    type: string
    description: "Of a click: the link."
    html: {% assign scheme = value | slice: 0, 4 %}{% if scheme == "http" %}<a href="{{ value | escape }}" target="_blank" rel="noopener noreferrer">{{ value | escape }}</a>{% else %}{{ value | escape }}{% endif %} ;;
    sql: ${TABLE}."URL" ;;
  }

  dimension: ip {
    type: string
    description: "The address that it came from."
    sql: ${TABLE}."IP" ;;
  }

  dimension: occurrence {
    type: number
    description: "Numbers, from 0, the rows that share the rest of the key."
    sql: ${TABLE}."OCCURRENCE" ;;
  }

  measure: count {
    type: count
    drill_fields: [detail*]
  }

  set: detail {
    fields: [account_name, campaign_id, email_id, action, type, url, ip, occurrence, email_address]
  }
}
