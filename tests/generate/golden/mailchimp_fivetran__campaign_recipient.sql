{# Made by `chimplift generate dbt`; change the variables of the project, not this file. #}
{{ config(alias='campaign_recipient') }}

select
  campaign_id,
  email_id as member_id,
  absplit_group as combination_id,
  list_id,
  {{ mailchimp_utc('synced_at') }} as _fivetran_synced,
  account_name
from {{ source('mailchimp', 'campaign_recipients') }} as here
where {{ mailchimp_is_wanted() }}
  and not exists (
    select 1
    from {{ source('mailchimp', 'automation_emails') }} as email
    where email.account_name = here.account_name and email.id = here.campaign_id
  )
  and not exists (
    select 1
    from {{ source('mailchimp', 'automations') }} as automation
    where automation.account_name = here.account_name and automation.id = here.campaign_id
  )
  and not exists (
    select 1
    from {{ source('mailchimp', 'campaign_sub_reports') }} as child
    join {{ source('mailchimp', 'campaigns') }} as parent
      on parent.account_name = child.account_name and parent.id = child.campaign_id
    where child.account_name = here.account_name and child.id = here.campaign_id and child.id <> child.campaign_id
      and parent.type in ('variate', 'absplit')
  )
